import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import { connectLogs } from '../../watchdog/adapters/docker/logs.ts';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, CHECK, type Project, type Watched } from './harness.ts';
import { aSecondEngine, type SecondEngine } from './second-engine.ts';

const YAML = `
services:
  web: { image: ${patientImage}, network_mode: none, labels: { auto_repair.on_stop: respect }, ${CHECK} }
  steadfast: { image: ${patientImage}, network_mode: none, restart: always }
`;

let engine: SecondEngine;
let project: Project;
let read: Docker;
let watched: Watched;

beforeAll(async () => {
  engine = aSecondEngine();
  await engine.start();
  await engine.load(patientImage);
  project = aProject(YAML, { engine: engine.host });
  await project.compose('up', '-d', '--wait');
  read = connectDocker({ host: engine.host, env: {} });
  const readsLogs = connectLogs({ host: engine.host, env: {} });
  watched = await aWatchdog({ projects: [project.name], read, readsLogs });
});

afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
  await engine?.remove();
});

const incidentOfEngine = () => watched.incidents('engine')[0];

const TAKEN = 'Error: listen EADDRINUSE: address already in use :::8080';
/** Writes an error until one more was read. */
const isRead = async () => {
  const read = () => watched.errors('steadfast')[0]?.count ?? 0;
  const before = read();
  await watched.until('what it writes is read', async () => {
    await project.exec('steadfast', 'patient', 'say', TAKEN);
    return read() > before;
  });
};

test('an engine that went away is an incident until it is back, and what it took along runs again and is read', async () => {
  await isRead();
  const { at: wentDownAfter } = await read.recall();
  await engine.stop();
  const lost = await watched.until(
    'it is missed',
    () => incidentOfEngine()?.state !== 'resolved' && incidentOfEngine(),
  );
  const trouble = await watched.until('a round has failed', () => watched.watchdog.watch.trouble());
  await engine.start();
  const after = await read.recall();
  await watched.until('it is known to be back', () => incidentOfEngine()?.state === 'resolved');
  await watched.until('rounds end well again', () => watched.watchdog.watch.trouble() === undefined);
  await watched.until('web is well', async () => (await project.container('web')).State.Health?.Status === 'healthy');
  await watched.rounds(3);
  await watched.until('nothing is left to do', () => watched.incidents('web').every(i => i.state === 'resolved'));

  expect(lost).toMatchObject({ kind: 'host', condition: 'engine-lost' });
  expect(watched.incidents('engine').find(({ id }) => id === lost.id)?.state).toBe('resolved');
  expect(lost.because).toContain('does not answer');
  expect(trouble).toMatch(/cannot be reached/);
  expect(after).toMatchObject({ isWhole: true, restoresLive: false });
  expect(after.events[0]).toMatchObject({ action: 'start', service: 'steadfast' });
  expect(after.events[0]?.at).toBeGreaterThan(wentDownAfter);
  expect((await project.container('steadfast')).State.Running).toBe(true);
  await isRead();
});
