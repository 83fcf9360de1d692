import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import { minutes } from '../../watchdog/domain/time.ts';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, CHECK, checkWithin, type Project, type Watched } from './harness.ts';

const YAML = `
services:
  db: { image: ${patientImage}, ${CHECK} }
  # For so long as its probe may take it is left alone after the database has recovered.
  web: { image: ${patientImage}, ${checkWithin('5s')}, depends_on: { db: { condition: service_healthy } } }
  # Sick only while its store is, and no sooner than the test has it notice.
  mirror:
    image: ${patientImage}
    healthcheck: { test: ["CMD-SHELL", "! [ -e /shared/sick -a -e /shared/noticed ]"], interval: 500ms, timeout: 30s, retries: 3, start_period: 30s }
    depends_on: [store]
    volumes: ["shared:/shared"]
  store:
    image: ${patientImage}
    ${CHECK}
    environment: { PATIENT_DIR: /shared }
    volumes: ["shared:/shared"]
  cache: { image: ${patientImage}, ${CHECK} }
  reader: { image: ${patientImage}, ${CHECK}, depends_on: { cache: { condition: service_healthy, restart: true } } }
volumes: { shared: {} }
`;

const docker = connectDocker({ env: process.env });

let project: Project;
let watched: Watched;
/** What has to have happened before the watchdog's restart of a container is handed on to the engine, by its id. */
const held = new Map<string, Promise<unknown>>();

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('up', '-d', '--wait');
  const restart: typeof docker.restart = async (id, ...how) => {
    await held.get(id);
    await docker.restart(id, ...how);
  };
  watched = await aWatchdog({
    projects: [project.name],
    act: { ...docker, restart },
    // However long what a restart is held for takes.
    engineMargin: minutes(10),
  });
});

afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

/** Has the dependant fall ill while its dependency is known to be, and hands the repair on only when it was told to wait for that. */
async function bothFallIll(dependency: string, dependant: string, ...falls: readonly string[]) {
  const told = Promise.withResolvers<void>();
  held.set((await project.container(dependency)).Id, told.promise);
  return await watched.story(dependency, async () => {
    await project.exec(dependency, 'patient', 'sick');
    await watched.until(`${dependency} is known to be sick`, () => watched.incidents(dependency).length > 0);
    await project.exec(dependant, ...falls);
    await watched.until(`${dependant} is to wait for ${dependency}`, () =>
      watched.decisions(dependant).some(({ code }) => code === 'dependency'),
    );
    told.resolve();
  });
}

test('when a service and its database are both sick, the database is repaired and proven first', async () => {
  const dbIsWell = await bothFallIll('db', 'web', 'patient', 'sick');
  const webRepair = await watched.until('web is healed', () =>
    watched.repairs('web').find(r => r.outcome === 'healed'),
  );

  expect(dbIsWell.repairs).toHaveLength(1);
  expect(watched.repairs('web')).toHaveLength(1);
  expect(webRepair.startedAt).toBeGreaterThanOrEqual(dbIsWell.repairs[0]?.endedAt as number);
});

test('a dependant that recovers with its database is never touched', async () => {
  const before = await project.container('mirror');

  const { repairs } = await bothFallIll('store', 'mirror', 'touch', '/shared/noticed');
  await watched.until(
    'the mirror is well',
    async () => (await project.container('mirror')).State.Health?.Status === 'healthy',
  );
  await watched.rounds(2);

  expect(repairs).toMatchObject([{ outcome: 'healed' }]);
  expect(watched.repairs('mirror')).toEqual([]);
  expect((await project.container('mirror')).State.StartedAt).toBe(before.State.StartedAt);
  await watched.until('its incident is closed', () => watched.incidents('mirror').every(i => i.state === 'resolved'));
});

test('a dependant that asks for it (restart: true) is restarted after a repair of its dependency', async () => {
  const cache = await watched.story('cache', () => project.exec('cache', 'patient', 'sick'));
  const restart = await watched.until(
    'the reader was restarted',
    () => watched.repairs('reader')[0]?.endedAt && watched.repairs('reader')[0],
  );

  expect(cache.repairs).toHaveLength(1);
  expect(restart).toMatchObject({
    order: { condition: 'dependency-restarted', strategy: 'restart' },
    outcome: 'healed',
  });
  expect(restart?.startedAt).toBeGreaterThanOrEqual(cache.repairs[0]?.endedAt as number);
});
