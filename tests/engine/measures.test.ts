import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import type { Resources, Stats } from '../../watchdog/adapters/docker/docker.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { sampleFrom } from '../../watchdog/observe/sample-from.ts';
import { throttle } from '../../watchdog/repair/throttle.ts';
import { Throttles } from '../../watchdog/repair/throttles.ts';
import { aWork } from '../fakes/a-work.ts';
import { fakeThrottles } from '../fakes/needs.ts';
import { busyboxImage } from '../images/names.ts';
import { aProject, type Project } from './harness.ts';

const docker = connectDocker({ host: process.env.DOCKER_HOST, env: process.env });
const MIB = 2 ** 20;

let project: Project;
beforeAll(async () => {
  project = aProject(`
services:
  burner: { image: ${busyboxImage}, command: [sh, -c, "while :; do :; done"], cpus: 0.2, stop_grace_period: 0s }
  # A file in memory counts as its own; one that is only read does not.
  hoarder:
    image: ${busyboxImage}
    command: [sh, -c, "dd if=/dev/zero of=/dev/shm/hoard bs=1M count=24 && cat /bin/busybox > /dev/null && exec sleep 600"]
    mem_limit: 64m
    shm_size: 32m
    stop_grace_period: 0s
  alone: { image: ${busyboxImage}, command: [sleep, "600"], network_mode: none, stop_grace_period: 0s }
  done: { image: ${busyboxImage}, command: ["true"] }
`);
  await project.compose('up', '-d');
  await project.until('done has ended', async () => (await project.container('done')).State.Status === 'exited');
});
afterAll(() => project.tearDown());

const idOf = async (service: string) => (await project.container(service)).Id;
const statsOf = async (service: string) => (await docker.stats(await idOf(service))) as Stats;
const resourcesOf = async (service: string) => (await docker.resources(await idOf(service))) as Resources;

/** Seconds of CPU that the kernel has counted for a process (man 5 proc, `utime` and `stime`, in hundredths). */
function cpuSecondsOf(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [utime, stime] = fields.split(' ').slice(11, 13).map(Number);
  return ((utime ?? 0) + (stime ?? 0)) / 100;
}

describe('measuring', () => {
  test('a container that takes all the CPU it gets, as the kernel counts it for its only process', async () => {
    const { Pid } = (await project.container('burner')).State;
    const used = () => cpuSecondsOf(Pid);
    const resources = await resourcesOf('burner');
    const first = used();
    const before = await statsOf('burner');
    const second = used();

    // What is measured is a stretch of time, so one has to pass.
    await project.until('it has burnt a good part of a second', () => used() > second + 0.4);
    const third = used();
    const now = await statsOf('burner');
    const sample = sampleFrom(now, before, resources, now.at);

    // How much of its 0.2 cores it gets is for a busy machine to say; time that a hypervisor takes is counted by some clocks only.
    const allowed = ((now.at - before.at) / 1_000) * 0.2;
    expect(sample.cpu).toBeGreaterThan((third - second) / allowed / 1.5);
    expect(sample.cpu).toBeLessThan(((used() - first) / allowed) * 1.5);
  });

  test('memory as `docker stats` shows it', async () => {
    await project.exec('hoarder', 'sh', '-c', 'until grep -q sleep /proc/1/cmdline; do sleep 0.1; done');
    const stats = await statsOf('hoarder');
    const shown = await project.docker('stats', '--no-stream', '--format', '{{.MemUsage}}', await idOf('hoarder'));

    expect(stats.memoryBytes).toBeGreaterThan(24 * MIB);
    expect(stats.memoryLimit).toBe(64 * MIB);
    expect(stats.memoryBytes / MIB).toBeCloseTo(Number(/^([\d.]+)MiB/.exec(shown)?.[1]), 0);
    expect(sampleFrom(stats, undefined, await resourcesOf('hoarder'), stats.at).memoryLimited).toBe(true);
  });

  test('the interfaces of those that have some', async () => {
    expect((await statsOf('hoarder')).networkErrors).toBe(0);
    expect((await statsOf('alone')).networkErrors).toBeUndefined();
  });

  test('nothing of what does not run, and nothing of what is gone', async () => {
    expect(await docker.stats(await idOf('done'))).toBeUndefined();
    expect(await docker.stats('0'.repeat(64))).toBeUndefined();
    expect(await docker.resources('0'.repeat(64))).toBeUndefined();
  });

  test("the host and Docker's own disk use", async () => {
    expect(await docker.host()).toEqual({
      rootFolder: expect.stringMatching(/^\//),
      cgroups: expect.any(Number),
      cores: expect.any(Number),
    });
    expect((await docker.diskUsage()).images).toBeGreaterThan(MIB);
  });
});

describe('an update', () => {
  test('takes CPU from a container that has all, and gives it back', async () => {
    const id = await idOf('alone');

    await docker.update(id, { cpuQuota: 30_000 });
    const throttled = await resourcesOf('alone');
    await docker.update(id, { cpuQuota: -1 });

    expect(throttled).toMatchObject({ cpuQuota: 30_000, cpuPeriod: 0, nanoCpus: 0 });
    expect(await resourcesOf('alone')).toMatchObject({ cpuQuota: -1 });
    // Whoever limits it by hand afterwards is not refused.
    await docker.update(id, { nanoCpus: 500_000_000 });
    expect(await resourcesOf('alone')).toMatchObject({ nanoCpus: 500_000_000 });
  });

  test('lowers the limit of one that has one', async () => {
    const id = await idOf('burner');

    await docker.update(id, { nanoCpus: 100_000_000 });
    expect(await resourcesOf('burner')).toMatchObject({ nanoCpus: 100_000_000 });
    await docker.update(id, { nanoCpus: 200_000_000 });

    expect(await resourcesOf('burner')).toMatchObject({ nanoCpus: 200_000_000 });
  });

  test('of a container that is gone is not found', async () => {
    await expect(docker.update('0'.repeat(64), { cpuShares: 2 })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('throttle', () => {
  test('takes half of the CPU of a real container and gives all of it back, without an interruption', async () => {
    const id = await idOf('burner');
    const target = (await docker.inspect(id)) as Replica;
    const throttles = fakeThrottles();
    const tools = { docker, throttles, clock: systemClock };
    const work = aWork(target, { strategy: 'throttle', with: { for: '1ms' } });

    await throttle(tools).apply(work);
    expect(await resourcesOf('burner')).toMatchObject({ nanoCpus: 100_000_000 });
    const stack = { service: () => undefined };
    const logger = { info: () => undefined, warn: () => undefined };
    // Its millisecond is over by the time the engine has answered.
    await new Throttles({ ...tools, stack, interval: 1_000, logger }).release(new AbortController().signal);

    expect(await resourcesOf('burner')).toMatchObject({ nanoCpus: 200_000_000 });
    expect(throttles.throttles()).toEqual([]);
    expect((await docker.inspect(id))?.inspected?.startedAt).toBe(target.inspected?.startedAt);
  });

  test('is told by an event, which voids what was measured before', async () => {
    const over = new AbortController();
    const told = Promise.withResolvers<string>();
    const opened = Promise.withResolvers<void>();
    const options = { project: project.name, since: undefined, onOpen: () => opened.resolve(), signal: over.signal };
    const listening = (async () => {
      for await (const { action, containerId } of docker.events(options)) told.resolve(`${action} ${containerId}`);
    })();
    await opened.promise;

    await docker.update(await idOf('alone'), { cpuShares: 512 });

    expect(await told.promise).toBe(`update ${await idOf('alone')}`);
    over.abort();
    await listening;
  });
});
