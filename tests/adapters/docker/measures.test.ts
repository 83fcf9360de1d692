import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../../watchdog/adapters/docker/connect.ts';
import type { Docker } from '../../../watchdog/adapters/docker/docker.ts';
import { type HttpEngine, startHttpEngine } from '../../fakes/http-engine.ts';
import { fixture } from '../../fixtures/docker/read-fixture.ts';

let engine: HttpEngine;
let docker: Docker;
beforeEach(async () => {
  engine = await startHttpEngine();
  docker = connectDocker({ host: engine.host, env: {} });
});
afterEach(() => engine.close());

describe('stats', () => {
  test('are asked for in one shot', async () => {
    engine.answer('GET /containers/c1/stats', { status: 200, body: fixture('stats-v2.json') });

    expect(await docker.stats('c1')).toMatchObject({ hostCores: 8 });
    expect(engine.seen[0]?.query).toMatchObject({ stream: 'false', 'one-shot': 'true' });
  });

  test.each([404, 409])('of a container that is gone or going (%d) are none', async status => {
    engine.answer('GET /containers/c1/stats', { status, body: { message: 'no' } });

    expect(await docker.stats('c1')).toBeUndefined();
  });

  test('are not asked for again when the engine fails: the next interval does', async () => {
    engine.answer('GET /containers/c1/stats', { status: 500, body: { message: 'no' } });

    await expect(docker.stats('c1')).rejects.toMatchObject({ code: 'engine-error' });
    expect(engine.seen).toHaveLength(1);
  });
});

test.each([
  {
    facts: { DockerRootDir: '/srv/docker', CgroupVersion: '2', NCPU: 8 },
    host: { rootFolder: '/srv/docker', cgroups: 2, cores: 8 },
  },
  {
    facts: { DockerRootDir: '/srv/docker', CgroupVersion: '1', NCPU: 2 },
    host: { rootFolder: '/srv/docker', cgroups: 1, cores: 2 },
  },
  { facts: {}, host: { rootFolder: '/var/lib/docker', cgroups: 1, cores: 1 } },
])('facts about the host are read from $facts', async ({ facts, host }) => {
  engine.answer('GET /info', { status: 200, body: facts });

  expect(await docker.host()).toEqual(host);
});

test('an update sends what it names and nothing else', async () => {
  engine.answer('POST /containers/c1/update', { status: 200, body: { Warnings: null } });

  await docker.update('c1', { cpuQuota: -1, memoryReservation: 1_000 });

  expect(engine.seen[0]?.body).toEqual({ CpuQuota: -1, MemoryReservation: 1_000 });
});

test('a restart policy is set whole, and nothing else', async () => {
  engine.answer('POST /containers/c1/update', { status: 200, body: { Warnings: null } });

  await docker.setRestartPolicy('c1', { name: 'on-failure', maximumRetries: 3 });

  expect(engine.seen[0]?.body).toEqual({ RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 3 } });
});

describe('a prune', () => {
  const NOT_COMPOSES = '{"label!":["com.docker.compose.project"]}';

  test.each([
    { what: 'build-cache', call: 'POST /build/prune', filters: undefined },
    { what: 'dangling-images', call: 'POST /images/prune', filters: '{"dangling":["true"]}' },
    { what: 'stopped-containers', call: 'POST /containers/prune', filters: NOT_COMPOSES },
    { what: 'unused-networks', call: 'POST /networks/prune', filters: NOT_COMPOSES },
  ] as const)('of $what touches nothing else', async ({ what, call, filters }) => {
    engine.answer(call, { status: 200, body: { SpaceReclaimed: 12 } });

    expect(await docker.prune(what)).toBe(12);
    expect(engine.seen).toEqual([{ call, query: filters === undefined ? {} : { filters }, body: undefined }]);
  });

  test('of what the engine says nothing about has given back nothing', async () => {
    engine.answer('POST /networks/prune', { status: 200, body: { NetworksDeleted: ['old'] } });

    expect(await docker.prune('unused-networks')).toBe(0);
  });
});
