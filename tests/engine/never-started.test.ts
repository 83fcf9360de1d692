import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

let holder: Project;
let project: Project;
let watched: Watched;

/** Somebody else has the port that the web service wants. */
beforeAll(async () => {
  holder = aProject(`services: { holder: { image: ${patientImage}, ports: ["127.0.0.1::8080"] } }\n`);
  await holder.compose('up', '-d');
  const port = (await holder.compose('port', 'holder', '8080')).split(':')[1];
  project = aProject(`
services:
  web: { image: ${patientImage}, ports: ["127.0.0.1:${port}:8080"], labels: { auto_repair.max_attempts: 100 } }
`);
  await expect(project.compose('up', '-d')).rejects.toThrow('port is already allocated');
  watched = await aWatchdog({ projects: [project.name] });
});

afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
  await holder?.tearDown();
});

test('a container whose port was taken is started once the port is free', async () => {
  const waiting = await watched.until('its trouble is known', () => watched.incidents('web')[0]);
  await watched.until('an attempt has failed', () => watched.repairs('web').some(r => r.outcome === 'failed'));

  await holder.tearDown();
  await watched.until('it runs', () => watched.incidents('web')[0]?.state === 'resolved');

  expect(waiting).toMatchObject({
    condition: 'never-started',
    evidence: { error: expect.stringContaining('port is already allocated') },
  });
  expect(watched.repairs('web')[0]).toMatchObject({ order: { strategy: 'start' }, outcome: 'healed' });
  expect((await project.container('web')).State.Running).toBe(true);
});
