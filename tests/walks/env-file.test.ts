import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { minutes } from '../../watchdog/domain/time.ts';
import { CHECKED, type Fate } from '../fakes/fake-container.ts';
import { FakeHostFolder } from '../fakes/fake-host-folder.ts';
import { Walk } from './a-walk.ts';

// A playbook says that a service that is ill is to have another limit, in the environment file beside its Compose file.

const FILE = '/watchdog-project/app.env';

let folder: string;
let host: FakeHostFolder;
let walk: Walk;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-env-'));
  mkdirSync(join(folder, 'books'));
  writeFileSync(join(folder, 'watchdog.yml'), 'playbooks: { folders: [books] }\n');
  host = new FakeHostFolder('/watchdog-project');
  host.files.set(FILE, 'LIMIT=10\nMODE=fast\n');
});
afterEach(async () => {
  await walk.end();
  rmSync(folder, { recursive: true });
});

async function ill(told: object, fate: Fate = 'well'): Promise<void> {
  const playbook = { name: 'unhealthy', condition: 'unhealthy', ladder: [{ strategy: 'edit-env-file', with: told }] };
  writeFileSync(join(folder, 'books', 'unhealthy.yml'), JSON.stringify(playbook));
  walk = new Walk({ config: join(folder, 'watchdog.yml') });
  walk.engine.helper = host.help;
  const labels = { 'com.docker.compose.project.working_dir': '/srv/shop' };
  const container = walk.engine.container(walk.engine.up({ healthcheck: CHECKED, labels }));
  if (container !== undefined) container.environment = { LIMIT: '10', MODE: 'fast' };
  await walk.start();
  walk.engine.fate('shop-web-1', fate);
  walk.engine.probe('shop-web-1', 'unhealthy');
  await walk.advance(minutes(1));
}

const TOLD = { path: '/srv/shop/app.env', set: 'LIMIT=20' };
const question = () => walk.openIncident('web')?.approvals.at(-1);
const sayYes = () =>
  walk.watchdog.answer(question()?.incidentId ?? '', { answer: 'granted', order: undefined, reason: '' });
const limits = () => ({ file: host.files.get(FILE), own: walk.engine.container('shop-web-1')?.environment.LIMIT });

test('people read which line of which file would change, and after their yes file and container have it', async () => {
  await ill(TOLD);
  expect(question()?.what).toContain('as it stands: line 1 of /srv/shop/app.env: -LIMIT=10 +LIMIT=20;');
  expect(limits()).toEqual({ file: 'LIMIT=10\nMODE=fast\n', own: '10' });

  sayYes();
  await walk.advance(minutes(1));

  expect(walk.repairs()).toEqual(['edit-env-file shop-web-1 healed']);
  expect(limits()).toEqual({ file: 'LIMIT=20\nMODE=fast\n', own: '20' });
  expect(walk.openIncident('web')).toBeUndefined();
});

test('both are as they were where it did not help', async () => {
  await ill(TOLD, 'ill');

  sayYes();
  await walk.advance(minutes(5));

  expect(walk.repairs()).toEqual(['edit-env-file shop-web-1 not-healed']);
  expect(limits()).toEqual({ file: 'LIMIT=10\nMODE=fast\n', own: '10' });
  expect([...host.files.keys()]).toEqual([FILE]);
});

test('a secret stands in nothing that people are told, nor in the question', async () => {
  host.files.set(FILE, 'LIMIT=10\nAPI_TOKEN=old-secret\n');
  await ill({ ...TOLD, set: 'API_TOKEN=new-secret' });

  expect(question()?.what).toContain('set=API_TOKEN=***');
  expect(JSON.stringify([question()?.what, walk.lastDecision('web'), walk.logged])).not.toMatch(/(old|new)-secret/);
});

test('a playbook that says nothing of use is left out, with the place', async () => {
  await ill({ path: 'app.env', set: 'LIMIT=20' });

  expect(walk.watchdog.problems()).toEqual([
    expect.objectContaining({
      place: expect.stringContaining('ladder.0.with.path'),
      expected: expect.stringContaining('on the host'),
    }),
  ]);
});
