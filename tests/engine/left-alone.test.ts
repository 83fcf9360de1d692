import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, CHECK, type Project, type Watched } from './harness.ts';

const ends = (code: number) => `environment: { PATIENT_EXIT_AFTER: 0.2, PATIENT_EXIT_CODE: ${code} }`;

const YAML = `
services:
  done: { image: ${patientImage}, ${ends(0)} }
  broken: { image: ${patientImage}, ${ends(1)} }
  migrated: { image: ${patientImage}, ${ends(0)}, restart: on-failure, ports: ["127.0.0.1::8080"] }
  app: { image: ${patientImage}, depends_on: { migrated: { condition: service_completed_successfully } } }
  asleep: { image: ${patientImage}, ${CHECK} }
  misprobed: { image: ${patientImage}, healthcheck: { test: ["CMD", "curl", "-f", "http://localhost"], interval: 500ms, retries: 1 } }
  misprobed-in-shell: { image: ${patientImage}, healthcheck: { test: "curl -f http://localhost", interval: 500ms, retries: 1 } }
`;

let project: Project;
let watched: Watched;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('up', '-d');
  await project.until('all that end have ended', async () => {
    const ended = await Promise.all(['done', 'broken', 'migrated'].map(service => project.container(service)));
    return ended.every(({ State }) => State.Status === 'exited');
  });
  // Longer than a machine that is busy takes to see that what was started has ended: it would pass for healed.
  watched = await aWatchdog({ projects: [project.name], env: { WATCHDOG_SETTLE: '15s' } });
});

afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

const completed = (service: string) =>
  watched.until(`${service} is said to have completed`, () =>
    watched.decisions(service)[0]?.because.includes('completed'),
  );

test('a one-shot that ended with 0 has completed and is not started again', async () => {
  const before = await project.container('done');

  await completed('done');
  await watched.rounds(2);

  expect(watched.repairs('done')).toEqual([]);
  expect((await project.container('done')).State).toEqual(before.State);
});

test('what others await the completion of has completed, though it looks like a server', async () => {
  await completed('migrated');
  await watched.rounds(2);

  expect(watched.repairs('migrated')).toEqual([]);
  expect(watched.incidents('app')).toEqual([]);
  expect((await project.container('app')).State.Running).toBe(true);
});

test('a one-shot that fails is started again until its attempts are used up, and people are told once', async () => {
  const told = () =>
    watched.incidents('broken').flatMap(({ life }) => life.filter(({ state }) => state === 'escalated'));
  await watched.until('people are told', () => told().length > 0);
  await watched.rounds(2);

  expect(watched.repairs('broken')).toHaveLength(3);
  expect(watched.repairs('broken').every(r => r.order.strategy === 'start' && r.outcome === 'not-healed')).toBe(true);
  expect(told()).toHaveLength(1);
});

test.each(['misprobed', 'misprobed-in-shell'])(
  'a check whose program is missing is laid to the check, not the service (%s)',
  async service => {
    const before = await project.container(service);
    const [incident] = await watched.until('people are told', () => {
      const found = watched.incidents(service);
      return found[0]?.state === 'escalated' && found;
    });
    await watched.rounds(2);

    expect(incident).toMatchObject({
      condition: 'probe-broken',
      because: expect.stringContaining('its check cannot run'),
    });
    expect(watched.repairs(service)).toEqual([]);
    expect((await project.container(service)).State.StartedAt).toBe(before.State.StartedAt);
  },
);

test('a paused container is left alone however sick it is, and repaired once it is unpaused', async () => {
  await project.docker('pause', `${project.name}-asleep-1`);
  await watched.rounds(2);
  expect(watched.incidents('asleep')).toEqual([]);
  expect((await project.container('asleep')).State.Paused).toBe(true);

  const { repairs } = await watched.story('asleep', async () => {
    await project.docker('unpause', `${project.name}-asleep-1`);
    await project.exec('asleep', 'patient', 'sick');
  });

  expect(repairs).toMatchObject([{ order: { strategy: 'restart' }, outcome: 'healed' }]);
});
