import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, CHECK, type Project, type Watched } from './harness.ts';

const YAML = `
services:
  db: { image: ${patientImage}, ${CHECK} }
  web: { image: ${patientImage}, ${CHECK}, depends_on: { db: { condition: service_healthy } } }
  # Sick exactly while its store is, and slower to notice.
  mirror:
    image: ${patientImage}
    healthcheck: { test: ["CMD-SHELL", "[ ! -e /shared/sick ] && [ ! -e /shared/starting ]"], interval: 500ms, timeout: 5s, retries: 3 }
    depends_on: [store]
    volumes: ["shared:/shared"]
  store:
    image: ${patientImage}
    healthcheck: { test: ["CMD", "patient", "check"], interval: 500ms, timeout: 5s, retries: 1, start_period: 10s }
    environment: { PATIENT_DIR: /shared, PATIENT_START_DELAY: 2 }
    volumes: ["shared:/shared"]
  cache: { image: ${patientImage}, ${CHECK} }
  reader: { image: ${patientImage}, ${CHECK}, depends_on: { cache: { condition: service_healthy, restart: true } } }
volumes: { shared: {} }
`;

let project: Project;
let watched: Watched;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('up', '-d', '--wait');
  watched = await aWatchdog({ projects: [project.name] });
});

afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

test('when a service and its database are both sick, the database is repaired and proven first', async () => {
  const dbIsWell = await watched.story('db', async () => {
    await project.exec('db', 'patient', 'sick');
    await watched.until('the database is known to be sick', () => watched.incidents('db').length > 0);
    await project.exec('web', 'patient', 'sick');
  });
  const webRepair = await watched.until('web is healed', () =>
    watched.repairs('web').find(r => r.outcome === 'healed'),
  );

  expect(dbIsWell.repairs).toHaveLength(1);
  expect(watched.repairs('web')).toHaveLength(1);
  expect(watched.decisions('web').map(decision => decision.code)).toContain('dependency');
  expect(webRepair.startedAt).toBeGreaterThanOrEqual(dbIsWell.repairs[0]?.endedAt as number);
});

test('a dependant that recovers with its database is never touched', async () => {
  const before = await project.container('mirror');

  const { repairs } = await watched.story('store', () => project.exec('store', 'patient', 'sick'));
  await watched.until(
    'the mirror is well',
    async () => (await project.container('mirror')).State.Health?.Status === 'healthy',
  );
  await watched.rounds(2);

  expect(repairs).toMatchObject([{ outcome: 'healed' }]);
  expect(watched.repairs('mirror')).toEqual([]);
  expect((await project.container('mirror')).State.StartedAt).toBe(before.State.StartedAt);
  expect(watched.decisions('mirror').map(decision => decision.code)).toContain('dependency');
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
