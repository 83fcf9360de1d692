import { afterEach, expect, test } from '@jest/globals';
import { busyboxImage } from '../images/names.ts';
import { aRegistry, type Registry } from './a-registry.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

let registry: Registry;
let project: Project;
let watched: Watched;

afterEach(async () => {
  await watched?.stop();
  await project?.tearDown();
  await project?.docker('rmi', '-f', registry.image);
  registry?.close();
});

test('a service whose playbook says so comes back with the release that its registry has, and Compose leaves it at that', async () => {
  registry = await aRegistry(busyboxImage, 'mended');
  project = aProject(
    `services: { web: { image: "${registry.image}", command: ["sleep", "100000"], stop_grace_period: 0s } }\n`,
  );
  await project.docker('tag', busyboxImage, registry.image);
  await project.compose('up', '-d', '--pull', 'never');
  const playbook = 'name: exited\ncondition: exited\nladder:\n  - strategy: pull-and-recreate\n';
  watched = await aWatchdog({ projects: [project.name], playbooks: { 'exited.yml': playbook } });

  const { repairs } = await watched.story('web', () => project.crash('web'));

  expect(repairs).toMatchObject([{ order: { strategy: 'pull-and-recreate' }, outcome: 'healed' }]);
  const { Id, Config } = await project.container('web');
  expect(Config.Env).toContain('RELEASE=mended');
  await project.compose('up', '-d', '--pull', 'never');
  expect((await project.container('web')).Id).toBe(Id);
});
