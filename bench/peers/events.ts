// A model of an event-driven healer, for comparison. It does what qdm12/deunhealth (817a791) says of itself in its README and
// shows in `internal/docker/unhealthy.go` and `internal/loop/unhealthy.go`: list the unhealthy and restart them, then read
// the events of the labelled containers (all of them: `health` is no filter of `/events`), and restart each one that turns
// unhealthy, one after the other, waiting for each. What has crashed is not unhealthy and is never seen. It is not that
// product: Node instead of a static Go binary.
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { ask } from '../engine.ts';

const socket = process.argv[2] ?? '/var/run/docker.sock';
const LABEL = 'deunhealth.restart.on.unhealthy=true';
const inQuery = (filters: object) => encodeURIComponent(JSON.stringify(filters));

const restart = (id: string) => ask('POST', `/containers/${id}/restart`, undefined, socket).catch(console.error);

const listed = inQuery({ label: [LABEL], health: ['unhealthy'] });
for (const { Id } of await ask<{ Id: string }[]>('GET', `/containers/json?filters=${listed}`, undefined, socket))
  await restart(Id);

let last: Promise<unknown> = Promise.resolve();
const path = `/events?filters=${inQuery({ label: [LABEL] })}`;
request({ socketPath: socket, path }, stream => {
  createInterface({ input: stream }).on('line', line => {
    const { Type, Action, Actor } = JSON.parse(line) as { Type: string; Action: string; Actor: { ID: string } };
    if (Type === 'container' && Action === 'health_status: unhealthy') last = last.then(() => restart(Actor.ID));
  });
}).end();
