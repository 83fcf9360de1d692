import { setTimeout as pause } from 'node:timers/promises';
import { busyboxImage } from '../../tests/images/names.ts';
import { command, tryCommand } from '../setup/command.ts';
import { stackProject } from '../setup/places.ts';
import { compose, members } from '../setup/stack.ts';

/** One way to break the shop. `expect` says whether the watchdog should repair it or has to leave it alone. */
export type Fault = {
  title: string;
  service: string;
  expect: 'repaired' | 'left alone';
  provoke: () => Promise<unknown>;
  /** Undone afterwards by hand, where the watchdog must not do it. */
  tidy?: () => Promise<unknown>;
};

const kioskPort = process.env.COMPOSE_WATCHDOG_KIOSK_PORT || '8097';
const squatter = 'compose-watchdog-demo-squatter';

/** Every condition of INTERFACE's table that can be provoked from outside, and two that must be left alone. */
export const faults: readonly Fault[] = [
  { title: 'web turns unhealthy', service: 'web', expect: 'repaired', provoke: () => shop('web', 'break') },
  {
    title: 'the network that sidecar shares with web is gone',
    service: 'sidecar',
    expect: 'repaired',
    provoke: () => docker('restart', 'web'),
  },
  {
    title: 'db turns unhealthy, and api with it',
    service: 'db',
    expect: 'repaired',
    provoke: () => shop('db', 'break'),
  },
  {
    title: 'worker crashes with exit 3',
    service: 'worker',
    expect: 'repaired',
    provoke: () => shop('worker', 'crash', '3'),
  },
  {
    title: 'worker is killed (kill -9)',
    service: 'worker',
    expect: 'repaired',
    provoke: () => killFromOutside('worker'),
  },
  {
    title: 'kiosk, a server, ends with exit 0',
    service: 'kiosk',
    expect: 'repaired',
    provoke: () => shop('kiosk', 'crash', '0'),
  },
  { title: 'worker runs out of memory', service: 'worker', expect: 'repaired', provoke: () => shop('worker', 'eat') },
  {
    title: 'mailer crashes again and again',
    service: 'mailer',
    expect: 'repaired',
    provoke: () => shop('mailer', 'loop'),
  },
  {
    title: 'kiosk could not start: its port was taken',
    service: 'kiosk',
    expect: 'repaired',
    provoke: takePort,
    tidy: freePort,
  },
  { title: 'cache is stopped by hand', service: 'cache', expect: 'repaired', provoke: () => docker('stop', 'cache') },
  {
    title: 'web is paused by hand',
    service: 'web',
    expect: 'left alone',
    provoke: () => docker('pause', 'web'),
    tidy: () => docker('unpause', 'web'),
  },
  {
    title: 'migrate runs again and completes',
    service: 'migrate',
    expect: 'left alone',
    provoke: () => docker('start', 'migrate'),
  },
];

async function shop(service: string, ...words: string[]): Promise<void> {
  // A process that ends takes the exec with it: its exit code says nothing.
  await tryCommand(['docker', 'exec', await idOf(service), 'shop', ...words]);
}

async function docker(verb: string, service: string): Promise<void> {
  await command(['docker', verb, await idOf(service)]);
}

/** Kills the process behind the engine's back; `docker kill` would count as stopped by hand. */
async function killFromOutside(service: string): Promise<void> {
  const pid = (await members()).find(member => member.service === service)?.pid ?? 0;
  if (pid === 0) throw new Error(`${service} does not run, so it can't be killed`);
  await command([
    'docker',
    'run',
    '--rm',
    '--pid',
    'host',
    '--network',
    'none',
    busyboxImage,
    'kill',
    '-9',
    String(pid),
  ]);
}

/** Somebody else holds the port while kiosk is created anew; its start fails. Then the port is free again. */
async function takePort(): Promise<void> {
  await compose(['rm', '--stop', '--force', 'kiosk']);
  const publish = `127.0.0.1:${kioskPort}:80`;
  await command([
    'docker',
    'run',
    '-d',
    '--rm',
    '--name',
    squatter,
    '--network',
    `${stackProject}_default`,
    '-p',
    publish,
    busyboxImage,
    'sleep',
    '600',
  ]);
  await compose(['up', '-d', '--no-build', '--no-deps', 'kiosk']).catch(() => undefined);
  await pause(2_000);
  await freePort();
}

async function freePort(): Promise<void> {
  await tryCommand(['docker', 'rm', '-f', squatter]);
}

async function idOf(service: string): Promise<string> {
  const id = (await members()).find(member => member.service === service)?.id;
  if (!id) throw new Error(`There is no container of ${service}: run 'npm start' first.`);
  return id;
}
