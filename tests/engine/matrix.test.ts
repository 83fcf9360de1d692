import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, CHECK, type Project, type Watched } from './harness.ts';

const HEALTH = ['unchecked', 'healthy', 'unhealthy'] as const;
const LABELS = {
  enabled: '{}',
  'opted-out': '{ auto_repair: "false" }',
  observed: '{ auto_repair.mode: observe }',
} as const;

const services = HEALTH.flatMap(health =>
  Object.entries(LABELS).map(([policy, labels]) => ({ name: `${health}-${policy}`, health, labels })),
);

let project: Project;
let watched: Watched;

beforeAll(async () => {
  const lines = services.map(
    ({ name, health, labels }) =>
      `  ${name}: { image: ${patientImage}, labels: ${labels}${health === 'unchecked' ? '' : `, ${CHECK}`} }`,
  );
  project = aProject(`services:\n${lines.join('\n')}\n`);
  await project.compose('up', '-d', '--wait');
  watched = await aWatchdog({ projects: [project.name] });
});

afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

const lives = async () =>
  Object.fromEntries(
    await Promise.all(
      services.map(async ({ name }) => {
        const { Id, State, RestartCount } = await project.container(name);
        return [name, { id: Id, startedAt: State.StartedAt, restarts: RestartCount }] as const;
      }),
    ),
  );

test('of nine services, only the one that is unhealthy and not taken out is touched', async () => {
  const before = await lives();

  const story = await watched.story('unhealthy-enabled', async () => {
    await Promise.all(services.filter(s => s.health === 'unhealthy').map(s => project.exec(s.name, 'patient', 'sick')));
  });
  for (const [service, code] of [
    ['unhealthy-opted-out', 'opt-out'],
    ['unhealthy-observed', 'observe-only'],
  ] as const)
    await watched.until(`${service} is refused: ${code}`, () => watched.decisions(service)[0]?.code === code);
  await watched.rounds(2);

  expect(story.repairs).toMatchObject([{ order: { strategy: 'restart' }, outcome: 'healed' }]);
  const { 'unhealthy-enabled': touched, ...others } = await lives();
  const { 'unhealthy-enabled': untouched, ...othersBefore } = before;
  expect(others).toEqual(othersBefore);
  expect(touched?.startedAt).not.toBe(untouched?.startedAt);
});
