import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { command, nowhere } from '../cli/a-terminal.ts';
import { busyboxImage } from '../images/names.ts';
import { aProject, type Project } from './harness.ts';

/** Ports and a subnet of its own, far from where the kernel and Compose take theirs from. */
const PORT = 29_100 + (process.pid % 300) * 5;
const SUBNET = `10.213.${process.pid % 250}`;

let project: Project;
let database: string;

beforeAll(async () => {
  const own = `cwt-own-name-${process.pid}`;
  database = `cwt-${process.pid}/redis:latest`;
  project = aProject(`
x-it: &it
  image: ${busyboxImage}
  init: true
  command: [sleep, "3600"]
  stop_grace_period: 0s
  labels: { auto_scale: "true", auto_scale.max: "4" }
services:
  free: { <<: *it }
  own-name: { <<: *it, container_name: ${own} }
  host-port: { <<: *it, ports: ["127.0.0.1:${PORT}:8080"] }
  few-ports: { <<: *it, ports: ["127.0.0.1:${PORT + 1}-${PORT + 2}:8080"] }
  static-address: { <<: *it, networks: { fixed: { ipv4_address: ${SUBNET}.5 } } }
  shared-network: { <<: *it, network_mode: host, expose: ["8080"] }
  shared-storage: { <<: *it, image: "${database}", volumes: ["data:/data"] }
  one-shot: { <<: *it, command: ["true"] }
  waits: { <<: *it, labels: {}, depends_on: { one-shot: { condition: service_completed_successfully } } }
networks: { fixed: { ipam: { config: [{ subnet: ${SUBNET}.0/24 }] } } }
volumes: { data: {} }
`);
  await project.docker('tag', busyboxImage, database);
  await project.compose('up', '-d');
});
afterAll(async () => {
  await project.tearDown();
  await project.docker('rmi', database);
});

/** In the order of `OBSTACLE_CODES`. */
const REFUSALS = [
  ['one-shot', 'it is meant to finish'],
  ['own-name', `container_name: cwt-own-name-${process.pid} fixes its name`],
  ['host-port', `it publishes ${PORT}:8080, and no two containers can have one port of the host`],
  ['few-ports', `${PORT + 1}-${PORT + 2}:8080 has ports for 2 replicas only, and its max is 4`],
  ['static-address', `its address is fixed to ${SUBNET}.5`],
  ['shared-network', 'it listens on 8080'],
  ['shared-storage', 'several redis would write to the same volume'],
] as const;

const env = () => ({ ...nowhere(), DOCKER_HOST: process.env.DOCKER_HOST ?? '', WATCHDOG_PROJECTS: project.name });
const notScaled = (out: string) => out.split('\n').filter(line => line.includes(' is not scaled: '));

test.each(['check', 'status', 'scale'])(
  '%s says of each service why it cannot be scaled, and of no other',
  async said => {
    const { out, status } = await command(env(), said);

    const lines = notScaled(out);
    for (const [service, sentence] of REFUSALS)
      expect(lines).toContainEqual(expect.stringContaining(`${project.name}/${service} is not scaled: ${sentence}`));
    expect(lines).toHaveLength(REFUSALS.length);
    expect(status).toBe(1);
  },
);

test('explain says so of one, and of one that nothing stands against what its size follows', async () => {
  const refused = await command(env(), 'explain', 'static-address');
  const free = await command(env(), 'explain', 'free');

  expect(refused.out).toContain(`not scaled: its address is fixed to ${SUBNET}.5`);
  expect(refused.status).toBe(1);
  expect(free.out).toContain('size: cpu: no ready replica was measured yet');
});
