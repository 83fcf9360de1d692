import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ContainerInspectInfo } from 'dockerode';
import { busyboxImage, nodeImage } from '../images/names.ts';
import { freePort } from './free-port.ts';
import { aProject, type Project } from './harness.ts';
import { aWatchdogProcess, type WatchdogProcess } from './watchdog-process.ts';
import { SHORT } from './watched.ts';

/** Runs for ever and ends at once when it is told to. */
const RUNS = `image: ${busyboxImage}, command: ["sleep", "100000"], stop_grace_period: 0s`;
const TWICE = 'labels: { auto_repair.max_attempts: 2 }';
/** A web server whose page lies in a volume; its port may be another one. */
const MOVABLE = `image: ${busyboxImage}, command: ["httpd", "-f", "-h", "/www"], volumes: ["www:/www"], stop_grace_period: 0s, labels: { auto_repair.alternative_port: "true", auto_repair.max_attempts: 100, team: a }`;
/** So many ports stand in for a taken one: others on this machine may have some of them. */
const SPARE = 20;

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
/** Have the port of `movable`, and the first of those that may stand in for it. */
let listeners: readonly Server[];
let declaredPort: number;
let job: string;

async function listening(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port };
}

/** Each service finds taken what it needs: a port by what `docker compose run` has left, by a stranger, by a program; a name. */
beforeAll(async () => {
  const [one, declared, spare] = [await listening(), await listening(), await listening()];
  const { port: ofProgram } = one;
  program = one.server;
  listeners = [declared.server, spare.server];
  declaredPort = declared.port;
  const [ofStale, ofStranger] = [await freePort(), await freePort()];
  strangers = aProject(`services: { holder: { ${RUNS}, ports: ["127.0.0.1:${ofStranger}:80"] } }\n`);
  job = `${strangers.name}-job`;
  const labels = { 'com.docker.compose.project': strangers.name };
  project = aProject(`
services:
  stale: { ${RUNS}, ports: ["127.0.0.1:${ofStale}:80"] }
  stranger: { ${RUNS}, ports: ["127.0.0.1:${ofStranger}:80"], ${TWICE} }
  program: { ${RUNS}, ports: ["127.0.0.1:${ofProgram}:80"], ${TWICE} }
  movable: { ${MOVABLE}, ports: ["127.0.0.1:${declared.port}:80"] }
  job: { image: ${busyboxImage}, container_name: ${job}, command: ["true"] }
  deployer: { labels: { auto_repair.max_attempts: 100 }, ${deployer(job, { Image: busyboxImage, Labels: labels })} }
volumes: { www: {} }
`);
  await strangers.compose('up', '-d');
  await project.compose('run', '-d', '--service-ports', 'stale', 'sh', '-c', 'echo kept > /note; exec sleep 100000');
  await expect(project.compose('up', '-d', 'stale')).rejects.toThrow('port is already allocated');
  await expect(project.compose('up', '-d', 'stranger')).rejects.toThrow('port is already allocated');
  await expect(project.compose('up', '-d', 'program')).rejects.toThrow('address already in use');
  await project.compose('run', '--rm', 'movable', 'sh', '-c', 'echo kept > /www/index.html');
  await expect(project.compose('up', '-d', 'movable')).rejects.toThrow('address already in use');
  await project.compose('up', '-d', 'job');
  await project.compose('up', '-d', 'deployer');
  const folder = mkdtempSync(join(tmpdir(), 'cwt-process-'));
  const config = join(folder, 'watchdog.yml');
  writeFileSync(config, `ports: { web: { inside: [80], range: ${spare.port}-${spare.port + SPARE} } }\n`);
  const env = { ...SHORT, WATCHDOG_PROJECTS: project.name, WATCHDOG_CONFIG: config };
  watchdog = await aWatchdogProcess(env, { folder });
  await watchdog.start();
});

afterAll(async () => {
  await watchdog?.close();
  await project?.tearDown();
  await strangers?.tearDown();
  for (const server of [program, ...(listeners ?? [])]) server?.close();
});

/** The port of the host that it has. */
const publishedBy = ({ NetworkSettings }: ContainerInspectInfo): number =>
  Number(NetworkSettings.Ports['80/tcp']?.[0]?.HostPort);

/** What has ended before the watchdog came is started again first: its log is read only then. */
const firstRepairOf = (wanted: string, by = 'stop-conflicting-container') =>
  watchdog.until(`${by} of ${wanted} has come to its end`, async () =>
    (await watchdog.repairs()).findLast(
      ({ service, strategy, outcome }) => service === wanted && strategy === by && outcome !== undefined,
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

test('a service that allows it answers on another port, with its data and labels, until the next `up` puts its own back', async () => {
  const repair = await firstRepairOf('movable', 'find-alternative-port');

  expect(repair).toMatchObject({ condition: 'port-conflict', outcome: 'healed' });
  const moved = await project.container('movable');
  const port = publishedBy(moved);
  expect(repair.because).toContain(`port ${port} of the host in place of ${declaredPort}`);
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('kept\n');
  expect(moved.Config.Labels).toMatchObject({ team: 'a', 'com.docker.compose.service': 'movable' });

  listeners[0]?.close();
  await project.compose('up', '-d', 'movable');

  const back = await project.container('movable');
  expect(publishedBy(back)).toBe(declaredPort);
  expect(back.Name).toBe(moved.Name);
});

test('a name that a dead container of the project has is freed for whoever needs it', async () => {
  const repair = await firstRepairOf('deployer');

  expect(repair).toMatchObject({ condition: 'container-name-conflict', outcome: 'healed' });
  expect((await project.container('job')).Name).toMatch(new RegExp(`^/${job}_set_aside_`));
  expect(JSON.parse(await project.docker('inspect', job))).toMatchObject([{ State: { Status: 'created' } }]);
});
