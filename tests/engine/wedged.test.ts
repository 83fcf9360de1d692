import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, CHECK, type Project, type Watched } from './harness.ts';

const YAML = `
services:
  # Takes longer over SIGTERM than it is given.
  slow: { image: ${patientImage}, ${CHECK}, stop_grace_period: 3s, environment: { PATIENT_STOP_DELAY: 60 } }
  # Takes its time, and is given it.
  tidy: { image: ${patientImage}, ${CHECK}, stop_grace_period: 20s, environment: { PATIENT_STOP_DELAY: 4 } }
  hasty: { image: ${patientImage}, ${CHECK}, stop_grace_period: 20s, environment: { PATIENT_STOP_DELAY: 60 }, labels: { autoheal.stop.timeout: 1 } }
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
  await project?.docker('kill', ...['slow', 'tidy', 'hasty'].map(service => `${project.name}-${service}-1`));
  await project?.tearDown();
});

/** How the container ended last, and how long its end took. */
const sick = async (service: string) => {
  const story = await watched.story(service, () => project.exec(service, 'patient', 'sick'));
  const [repair] = story.repairs;
  return { repairs: story.repairs, took: (repair?.actedAt ?? 0) - (repair?.startedAt ?? 0) };
};

test('each is given the time that it or its label asks for, is called once, and comes back', async () => {
  const [slow, tidy, hasty] = await Promise.all(['slow', 'tidy', 'hasty'].map(sick));

  for (const { repairs } of [slow, tidy, hasty].filter(story => story !== undefined))
    expect(repairs).toMatchObject([{ order: { strategy: 'restart' }, outcome: 'healed' }]);
  expect(slow?.took).toBeGreaterThanOrEqual(3_000);
  expect(tidy?.took).toBeGreaterThanOrEqual(4_000);
  expect(tidy?.took).toBeLessThan(20_000);
  expect(hasty?.took).toBeLessThan(slow?.took as number);
});
