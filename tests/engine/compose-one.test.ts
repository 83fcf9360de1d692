import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, CHECK, checkWithin, type Project, type Watched } from './harness.ts';

// docker-compose 1.29 names containers `project_service_1` and writes no depends_on label.
const YAML = `
version: "2.4"
services:
  db: { image: ${patientImage}, ${CHECK} }
  # For so long as its probe may take it is left alone after the database has recovered.
  web: { image: ${patientImage}, ${checkWithin('5s')}, depends_on: [db], labels: { auto_repair.depends_on: db } }
`;

let project: Project;
let watched: Watched;

beforeAll(async () => {
  project = aProject(YAML, { compose: ['docker-compose'] });
  await project.compose('up', '-d');
  await project.until('both are healthy', async () =>
    (await Promise.all(['db', 'web'].map(project.container))).every(({ State }) => State.Health?.Status === 'healthy'),
  );
  watched = await aWatchdog({ projects: [project.name] });
});

afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

test('a project of docker-compose 1.29 is healed, what it depends on by our label first', async () => {
  expect((await project.container('web')).Config.Labels).not.toHaveProperty('com.docker.compose.depends_on');

  const db = await watched.story('db', async () => {
    await project.exec('db', 'patient', 'sick');
    await watched.until('the database is known to be sick', () => watched.incidents('db').length > 0);
    await project.exec('web', 'patient', 'sick');
  });
  const web = await watched.until('web is healed', () => watched.repairs('web').find(r => r.outcome === 'healed'));

  expect(db.repairs).toMatchObject([{ order: { strategy: 'restart' }, outcome: 'healed' }]);
  expect(web.startedAt).toBeGreaterThanOrEqual(db.repairs[0]?.endedAt as number);
});

test('docker-compose 1.29 finds nothing to change after our repairs', async () => {
  const before = await Promise.all(['db', 'web'].map(project.container));

  await project.compose('up', '-d');

  expect(await Promise.all(['db', 'web'].map(project.container))).toMatchObject(before.map(({ Id }) => ({ Id })));
});
