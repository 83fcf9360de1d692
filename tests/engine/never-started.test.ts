import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minutes } from '../../watchdog/domain/time.ts';
import { busyboxImage, patientImage } from '../images/names.ts';
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

describe('a folder of the host that is gone', () => {
  let host: string;
  let source: string;
  let store: Project;
  let reader: Watched;

  beforeAll(async () => {
    host = mkdtempSync(join(tmpdir(), 'cwt-folder-'));
    source = join(host, 'shop', 'data');
    mkdirSync(source, { recursive: true });
    // As many starts as it takes until the engine's words can be read.
    const often = 'labels: { auto_repair.max_attempts: 100 }';
    const volumes = `volumes: [{ type: bind, source: ${source}, target: /data }]`;
    store = aProject(`
services:
  store: { image: ${busyboxImage}, command: ["sleep", "100000"], user: "999:998", ${often}, ${volumes} }
`);
    await store.compose('up', '-d');
    await store.compose('kill');
    rmSync(join(host, 'shop'), { recursive: true });
    reader = await aWatchdog({ projects: [store.name], readsLogs: true });
  });
  afterAll(async () => {
    await reader?.stop();
    await store?.tearDown();
    rmSync(host, { recursive: true });
  });
  const eventually = <T>(what: string, probe: () => T) => reader.until(what, probe, minutes(5));

  test('is made anew after a yes, for the user of the service, and not before', async () => {
    const asked = await eventually('a person is asked', () =>
      reader
        .incidents('store')
        .flatMap(({ approvals = [] }) => approvals)
        .find(({ state }) => state === 'waiting'),
    );
    expect(asked.what).toContain(
      `as it stands: makes on the host ${source} for /data (of what is above it ${host} is there), empty, of 999:998, mode 755`,
    );
    expect(existsSync(join(host, 'shop'))).toBe(false);

    reader.watchdog.answer(asked.incidentId, { answer: 'granted', order: asked.id, reason: 'its disk was changed' });
    const repair = await eventually('it was made', () =>
      reader.repairs('store').find(({ order, endedAt }) => order.strategy === 'create-missing-path' && endedAt),
    );

    expect(repair).toMatchObject({ order: { condition: 'volume-mount-error' }, outcome: 'healed' });
    const { uid, gid, mode } = statSync(source);
    expect([uid, gid, mode & 0o777]).toEqual([999, 998, 0o755]);
    await store.exec('store', 'touch', '/data/it-can-write');
    expect(await store.docker('ps', '-aq', '--filter', `name=${store.name}.*watchdog-helper`)).toBe('');
  });
});
