import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

const YAML = `
services:
  parent: { image: ${patientImage}, environment: { RELEASE: "\${RELEASE:-1}" } }
  child: { image: ${patientImage}, network_mode: "service:parent" }
`;

let project: Project;
let watched: Watched;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('up', '-d');
  // However long the engine takes over it, Compose is not overtaken.
  watched = await aWatchdog({ projects: [project.name], env: { WATCHDOG_STOP_GRACE: '10m' } });
});

afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

test('a child of a parent that was replaced alone is made again in the network of the new one, as its own', async () => {
  const before = await project.container('child');

  const { incident, repairs } = await watched.story('child', () =>
    project.compose('up', '-d', '--no-deps', '--force-recreate', '-t', '0', 'parent'),
  );

  const [parent, child] = [await project.container('parent'), await project.container('child')];
  expect(incident).toMatchObject({ condition: 'orphaned-network', evidence: { parent: 'replaced' } });
  expect(repairs).toMatchObject([{ order: { strategy: 'rejoin-network' }, outcome: 'healed' }]);
  expect(child.Name).toBe(before.Name);
  expect(child.HostConfig.NetworkMode).toBe(`container:${parent.Id}`);
  expect(await project.exec('child', 'ip', 'link', 'show', 'eth0')).toContain('UP');
  expect(await project.docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${project.name}`)).toMatch(
    /^\w+\n\w+$/,
  );
});

// Compose's hash of the child contains its parent's id (compose, pkg/compose/convergence.go, resolveServiceReferences), which
// nobody but Compose can bring up to date: the next `up` makes the child once more.
test('Compose takes the child for its own: after `up` there is still one of each', async () => {
  await project.compose('up', '-d', '-t', '0');

  const [parent, child] = [await project.container('parent'), await project.container('child')];
  expect(child.HostConfig.NetworkMode).toBe(`container:${parent.Id}`);
  expect(child.State.Running).toBe(true);
});
