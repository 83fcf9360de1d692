import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { busyboxImage, nodeImage } from '../images/names.ts';
import { freePort } from './free-port.ts';
import { aProject, type Project } from './harness.ts';
import { aWatchdogProcess, type WatchdogProcess } from './watchdog-process.ts';
import { SHORT } from './watched.ts';

/** Runs for ever and ends at once when it is told to. */
const RUNS = `image: ${busyboxImage}, command: ["sleep", "100000"], stop_grace_period: 0s`;
const TWICE = 'labels: { auto_repair.max_attempts: 2 }';

/** Asks the engine for a container of that name, as tools for deploying do; ends where it gets none, and else runs on. */
function deployer(name: string, wanted: object): string {
  const asking = `
    const socketPath = '/var/run/docker.sock', path = '/containers/create?name=${name}';
    const headers = { 'content-type': 'application/json' };
    require('http').request({ socketPath, path, headers, method: 'POST' }, async answer => {
      const said = Buffer.concat(await answer.toArray()).toString();
      if (answer.statusCode === 201) setInterval(() => undefined, 1e6, require('fs').writeFileSync('/made', ''));
      else throw new Error(JSON.parse(said).message);
    }).end(${JSON.stringify(JSON.stringify(wanted))});`;
  const command = JSON.stringify(['node', '-e', asking.replaceAll(/\s+/g, ' ')]);
  // Well is only who has made its container, however long that takes.
  const check = 'healthcheck: { test: ["CMD", "test", "-f", "/made"], interval: 500ms, retries: 200 }';
  const socket = 'volumes: ["/var/run/docker.sock:/var/run/docker.sock"]';
  return `image: ${nodeImage}, user: root, ${socket}, ${check}, command: ${command}`;
}

let watchdog: WatchdogProcess;
let project: Project;
let strangers: Project;
let program: Server;
let job: string;

/** Each service finds taken what it needs: a port by what `docker compose run` has left, by a stranger, by a program; a name. */
beforeAll(async () => {
  program = createServer().listen(0, '127.0.0.1');
  await once(program, 'listening');
  const { port: ofProgram } = program.address() as { port: number };
  const [ofStale, ofStranger] = [await freePort(), await freePort()];
  strangers = aProject(`services: { holder: { ${RUNS}, ports: ["127.0.0.1:${ofStranger}:80"] } }\n`);
  job = `${strangers.name}-job`;
  const labels = { 'com.docker.compose.project': strangers.name };
  project = aProject(`
services:
  stale: { ${RUNS}, ports: ["127.0.0.1:${ofStale}:80"] }
  stranger: { ${RUNS}, ports: ["127.0.0.1:${ofStranger}:80"], ${TWICE} }
  program: { ${RUNS}, ports: ["127.0.0.1:${ofProgram}:80"], ${TWICE} }
  job: { image: ${busyboxImage}, container_name: ${job}, command: ["true"] }
  deployer: { labels: { auto_repair.max_attempts: 100 }, ${deployer(job, { Image: busyboxImage, Labels: labels })} }
`);
  await strangers.compose('up', '-d');
  await project.compose('run', '-d', '--service-ports', 'stale', 'sh', '-c', 'echo kept > /note; exec sleep 100000');
  await expect(project.compose('up', '-d', 'stale')).rejects.toThrow('port is already allocated');
  await expect(project.compose('up', '-d', 'stranger')).rejects.toThrow('port is already allocated');
  await expect(project.compose('up', '-d', 'program')).rejects.toThrow('address already in use');
  await project.compose('up', '-d', 'job');
  await project.compose('up', '-d', 'deployer');
  watchdog = await aWatchdogProcess({ ...SHORT, WATCHDOG_PROJECTS: project.name });
  await watchdog.start();
});

afterAll(async () => {
  await watchdog?.close();
  await project?.tearDown();
  await strangers?.tearDown();
  program?.close();
});

/** What has ended before the watchdog came is started again first: its log is read only then. */
const firstRepairOf = (wanted: string) =>
  watchdog.until(`what is in the way of ${wanted} was looked for`, async () =>
    (await watchdog.repairs()).findLast(
      ({ service, strategy, outcome }) =>
        service === wanted && strategy === 'stop-conflicting-container' && outcome !== undefined,
    ),
  );

test('a port that a stale container of the service has is freed, and that container is kept whole', async () => {
  const repair = await firstRepairOf('stale');

  expect(repair).toMatchObject({ condition: 'port-conflict', outcome: 'healed' });
  const [present, aside] = await project.containers('stale');
  expect(present?.State.Running).toBe(true);
  expect(aside?.State.Running).toBe(false);
  expect(aside?.Name).toContain('_set_aside_');
  expect(await project.docker('cp', `${aside?.Id}:/note`, '-')).toContain('kept');
});

test('a port that a container of another project has is left to it, and people are told whose it is', async () => {
  const before = await strangers.container('holder');
  const repair = await firstRepairOf('stranger');

  expect(repair.outcome).toBe('failed');
  expect(repair.because).toContain(`${strangers.name}-holder-1 has it, a container of the project ${strangers.name}`);
  expect((await strangers.container('holder')).State).toEqual(before.State);
});

test('of a port that no container has, people are told that a program of the host has it', async () => {
  const repair = await firstRepairOf('program');

  expect(repair.outcome).toBe('failed');
  expect(repair.because).toContain('by no container: a program of the host listens there');
  expect(program.listening).toBe(true);
});

test('a name that a dead container of the project has is freed for whoever needs it', async () => {
  const repair = await firstRepairOf('deployer');

  expect(repair).toMatchObject({ condition: 'container-name-conflict', outcome: 'healed' });
  expect((await project.container('job')).Name).toMatch(new RegExp(`^/${job}_set_aside_`));
  expect(JSON.parse(await project.docker('inspect', job))).toMatchObject([{ State: { Status: 'created' } }]);
});
