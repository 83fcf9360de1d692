import { chmodSync, chownSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import { editEnvFile } from '../../watchdog/repair/edit-env-file.ts';
import { aWork } from '../fakes/a-work.ts';
import { patientImage } from '../images/names.ts';
import { aProject, type Project } from './project.ts';

// A file of the host, changed by way of a helper on the real engine, and read again by Compose itself.

const docker = connectDocker({ host: process.env.DOCKER_HOST, env: process.env });
const strategy = editEnvFile({ docker, clock: { now: () => Date.now() } });
const forever = new AbortController().signal;
const TEXT = "# What the web may have.\nLIMIT=10   # few\nexport MODE='fast'";

let project: Project;
let file: string;
beforeAll(async () => {
  project = aProject(`services: { web: { image: ${patientImage}, env_file: [app.env] } }`);
  file = join(project.folder, 'app.env');
  writeFileSync(file, TEXT);
  chownSync(file, 1234, 5678);
  chmodSync(file, 0o640);
  await project.compose('up', '-d');
});
afterAll(async () => {
  await project?.tearDown();
});

const variables = async () => (await project.container('web')).Config.Env;
const owned = () => {
  const { uid, gid, mode } = statSync(file);
  return { uid, gid, mode: (mode & 0o777).toString(8) };
};
const aJob = async (set: string) => {
  const target = await docker.inspect((await project.container('web')).Id);
  if (target === undefined) throw new Error('web is gone');
  return aWork(target, { strategy: strategy.name, with: { path: file, set }, targets: [target] });
};

test('a variable of an environment file is changed on the host and in the container, and Compose reads the same', async () => {
  const value = ` more than "ten" #$5 `;
  const job = await aJob(`LIMIT=${value}`);

  expect(await strategy.foresee?.(job)).toContain(`line 2 of ${file}: -LIMIT=10 +LIMIT=${value};`);
  expect(readFileSync(file, 'utf8')).toBe(TEXT);
  await strategy.apply(job);
  await strategy.confirm?.(job.steps, forever);

  expect(readFileSync(file, 'utf8')).toBe(TEXT.replace('10', `'${value}'`));
  expect(owned()).toEqual({ uid: 1234, gid: 5678, mode: '640' });
  expect(await variables()).toEqual(expect.arrayContaining([`LIMIT=${value}`, 'MODE=fast']));
  const [aside, ...others] = readdirSync(project.folder).filter(name => name.startsWith('.watchdog-'));
  expect(others).toEqual([]);
  expect(readFileSync(join(project.folder, aside ?? '', 'app.env'), 'utf8')).toBe(TEXT);

  const { Id } = await project.container('web');
  await project.compose('up', '-d');
  expect((await project.container('web')).Id).not.toBe(Id);
  expect(await variables()).toEqual(expect.arrayContaining([`LIMIT=${value}`, 'MODE=fast']));
});

test('file and container are as they were once it is taken back', async () => {
  const before = { text: readFileSync(file, 'utf8'), folder: readdirSync(project.folder), owned: owned() };
  const { Id } = await project.container('web');
  const job = await aJob('MODE=slow');
  await strategy.apply(job);
  expect(readFileSync(file, 'utf8')).toContain('export MODE=slow');

  expect(await strategy.undo?.(job.steps, forever)).toBe(`${file} is as it was; the old container is back`);

  expect({ text: readFileSync(file, 'utf8'), folder: readdirSync(project.folder), owned: owned() }).toEqual(before);
  expect(await project.container('web')).toMatchObject({ Id, State: { Running: true } });
});
