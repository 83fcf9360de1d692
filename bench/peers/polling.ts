// A model of a polling healer, for comparison. It does what willfarrell/docker-autoheal (afb2c8b) says of itself in its
// README and shows in `docker-entrypoint`, with its defaults: every 5 s ask for the containers that are unhealthy, restart
// them one after the other with a stop timeout of 10 s, sleep 5 s again. What has crashed is not unhealthy and is never
// seen. It is not that product: no shell, no curl, so it starts no processes and its CPU figure is lower than the original's.
import { ask } from '../engine.ts';

const INTERVAL = 5_000;
const STOP_TIMEOUT = 10;

const socket = process.argv[2] ?? '/var/run/docker.sock';
const filters = encodeURIComponent(JSON.stringify({ health: ['unhealthy'], label: ['autoheal=true'] }));

while (true) {
  const unhealthy = await ask<{ Id: string }[]>('GET', `/containers/json?filters=${filters}`, undefined, socket);
  for (const { Id } of unhealthy) {
    await ask('POST', `/containers/${Id}/restart?t=${STOP_TIMEOUT}`, undefined, socket).catch(console.error);
  }
  await new Promise(resolve => setTimeout(resolve, INTERVAL));
}
