import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, CHECK, type Project, type Watched } from './harness.ts';

const YAML = `
services:
  # Takes longer over SIGTERM than it is given.
  slow: { image: ${patientImage}, ${CHECK}, stop_grace_period: 3s, environment: { PATIENT_STOP_DELAY: 60 } }
  # Takes its time, and is given it.
  tidy: { image: ${patientImage}, ${CHECK}, stop_grace_period: 2m, environment: { PATIENT_STOP_DELAY: 4 } }
  hasty: { image: ${patientImage}, ${CHECK}, stop_grace_period: 20s, environment: { PATIENT_STOP_DELAY: 60 }, labels: { autoheal.stop.timeout: 1 } }
`;

const docker = connectDocker({ env: process.env });

let project: Project;
let watched: Watched;
/** How each restart was asked of the engine: in how many milliseconds, or in those that the container itself asks for. */
const asked = new Map<string, (number | undefined)[]>();
/** With which status the container ended last, as the engine tells: 137 when it was killed. */
const ended = new Map<string, number | undefined>();
const over = new AbortController();

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('up', '-d', '--wait');
  await new Promise<void>(onOpen => void listen(onOpen).catch(() => undefined));
  const restart: typeof docker.restart = async (id, timeout, signal) => {
    asked.set(id, [...(asked.get(id) ?? []), timeout]);
    await docker.restart(id, timeout, signal);
  };
  watched = await aWatchdog({ projects: [project.name], act: { ...docker, restart } });
});

async function listen(onOpen: () => void): Promise<void> {
  const options = { project: project.name, since: undefined, onOpen, signal: over.signal };
  for await (const { action, service, exitCode } of docker.events(options))
    if (action === 'die') ended.set(service, exitCode);
}

afterAll(async () => {
  over.abort();
  await watched?.stop();
  await project?.docker('kill', ...['slow', 'tidy', 'hasty'].map(service => `${project.name}-${service}-1`));
  await project?.tearDown();
});

/** What became of it: its repairs, what the engine was asked, how the container ended, and how long that took. */
const sick = async (service: string) => {
  const { Id } = await project.container(service);
  const { repairs } = await watched.story(service, () => project.exec(service, 'patient', 'sick'));
  const took = (repairs[0]?.actedAt ?? 0) - (repairs[0]?.startedAt ?? 0);
  return { repairs, asked: asked.get(Id), ended: ended.get(service), took };
};

test('each is given the time that it or its label asks for, is called once, and comes back', async () => {
  const [slow, tidy, hasty] = await Promise.all(['slow', 'tidy', 'hasty'].map(sick));

  const repairs = [{ order: { strategy: 'restart' }, outcome: 'healed' }];
  expect(slow).toMatchObject({ repairs, asked: [undefined], ended: 137 });
  expect(slow?.took).toBeGreaterThanOrEqual(3_000);
  expect(tidy).toMatchObject({ repairs, asked: [undefined], ended: 0 });
  expect(tidy?.took).toBeGreaterThanOrEqual(4_000);
  expect(hasty).toMatchObject({ repairs, asked: [1_000], ended: 137 });
});
