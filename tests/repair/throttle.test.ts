import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Resources } from '../../watchdog/adapters/docker/docker.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import type { ThrottleMemory } from '../../watchdog/domain/throttled.ts';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { throttle } from '../../watchdog/repair/throttle.ts';
import { Throttles } from '../../watchdog/repair/throttles.ts';
import { aWork, unread } from '../fakes/a-work.ts';
import { FakeClock, START } from '../fakes/fake-clock.ts';
import { engineSays, FakeEngine } from '../fakes/fake-engine.ts';
import { fakeThrottles } from '../fakes/needs.ts';

const CORE = 1_000_000_000;
const forever = new AbortController().signal;

let clock: FakeClock;
let engine: FakeEngine;
let throttles: ThrottleMemory;
let target: Replica;

beforeEach(async () => {
  clock = new FakeClock();
  engine = new FakeEngine(clock);
  throttles = fakeThrottles();
  target = (await engine.docker.inspect(engine.up())) as Replica;
});

const strategy = () => throttle({ docker: engine.docker, throttles, clock });
const resources = () => engine.container(target.name)?.resources;

/** The container was made with these; four cores are the host's. */
function madeWith(differing: Partial<Resources>): void {
  const container = engine.container(target.name);
  if (container !== undefined) container.resources = { ...container.resources, ...differing };
}

async function throttled(given: Readonly<Record<string, string | number | boolean>> = {}) {
  const work = aWork(target, { strategy: 'throttle', with: given });
  await strategy().apply(work);
  return work;
}

describe('throttle', () => {
  test.each([
    { made: { nanoCpus: CORE }, given: {}, leaves: { nanoCpus: CORE / 2 }, before: { nanoCpus: CORE } },
    { made: { nanoCpus: CORE }, given: { cpus: 0.2 }, leaves: { nanoCpus: CORE / 5 }, before: { nanoCpus: CORE } },
    {
      made: { cpuQuota: 50_000, cpuPeriod: 50_000 },
      given: {},
      leaves: { cpuQuota: 25_000, cpuPeriod: 50_000 },
      before: { cpuQuota: 50_000 },
    },
    { made: {}, given: {}, leaves: { cpuQuota: 200_000, cpuPeriod: 0 }, before: { cpuQuota: -1 } },
    { made: { cpuShares: 512 }, given: { cpu_shares: 64 }, leaves: { cpuShares: 64 }, before: { cpuShares: 512 } },
  ])('turns $made into $leaves where the playbook says $given, and back', async ({ made, given, leaves, before }) => {
    madeWith(made);

    const { steps } = await throttled(given);

    expect(resources()).toMatchObject(leaves);
    expect(throttles.throttles()).toMatchObject([{ containerId: target.id, before, until: START + hours(1) }]);
    expect(await strategy().undo?.(steps, forever)).toBe('it was given back what it may use');
    expect(resources()).toMatchObject(before);
    expect(throttles.throttles()).toEqual([]);
  });

  test('lasts as long as the playbook says', async () => {
    await throttled({ for: '20m' });

    expect(throttles.throttles()[0]?.until).toBe(START + minutes(20));
  });

  test('a weight that the container never had is given back as the default of cgroup v1, and refused on v2', async () => {
    engine.cgroups = 2;
    await expect(throttled({ cpu_shares: 100 })).rejects.toThrow('Use cpus in the playbook');

    engine.cgroups = 1;
    await throttled({ cpu_shares: 100 });

    expect(throttles.throttles()[0]?.before).toEqual({ cpuShares: 1_024 });
  });

  test.each([
    { given: { cpus: 4 }, refused: 'expected at least 0.01 and less than the 4 it may use now' },
    { given: { cpus: 0 }, refused: 'found cpus 0' },
    { given: { cpus: 'half' }, refused: 'found cpus half' },
    { given: { cpu_shares: 2_000 }, refused: 'expected a whole number from 2 to below its 1024' },
    { given: { for: 'a while' }, refused: 'found for a while' },
  ])('refuses $given, and touches nothing', async ({ given, refused }) => {
    await expect(throttled(given)).rejects.toThrow(refused);

    expect(engine.count('update')).toBe(0);
    expect(throttles.throttles()).toEqual([]);
  });

  test('is refused for who is throttled already, also under another id, so that the next rung has its turn', async () => {
    await throttled();
    await expect(throttled()).rejects.toThrow('throttled already');

    engine.removeByHand(target.id);
    target = (await engine.docker.inspect(engine.up())) as Replica;

    await expect(throttled()).rejects.toThrow('throttled already');
  });

  test('is remembered before the engine is asked, so that a crash costs nobody his CPU', async () => {
    engine.mishap('update', { error: engineSays('unreachable'), done: true });
    const work = aWork(target, { strategy: 'throttle' });

    await expect(strategy().apply(work)).rejects.toThrow();

    expect(throttles.throttles()).toHaveLength(1);
    expect(await strategy().recover?.(work.steps, forever, work.journal)).toBe('it was given back what it may use');
    expect(resources()?.cpuQuota).toBe(-1);
  });

  test('that a crash left behind is forgotten with its container', async () => {
    const { steps } = await throttled();
    engine.removeByHand(target.id);

    expect(await strategy().recover?.(steps, forever, unread)).toBe('the container is gone');
    expect(throttles.throttles()).toEqual([]);
    expect(await strategy().recover?.([], forever, unread)).toBe('nothing had been done yet');
  });
});

describe('what was taken', () => {
  let logged: string[];
  let heirs: Replica[];
  const keeper = () =>
    new Throttles({
      docker: engine.docker,
      throttles,
      stack: { service: ref => ({ ...ref, replicas: heirs, dependencies: [] }) },
      interval: seconds(30),
      clock,
      logger: { info: message => void logged.push(message), warn: message => void logged.push(`warn ${message}`) },
    });
  beforeEach(() => {
    logged = [];
    heirs = [];
  });

  test('is given back when the time is over, and not before', async () => {
    await throttled({ for: '5m' });
    const stop = new AbortController();
    const ended = keeper().run(stop.signal);

    await clock.advance(minutes(4.5));
    expect(resources()?.cpuQuota).toBe(200_000);
    await clock.advance(minutes(1));

    expect(resources()?.cpuQuota).toBe(-1);
    expect(throttles.throttles()).toEqual([]);
    expect(logged).toEqual(['throttle is over']);
    stop.abort();
    await ended;
    expect(clock.pending).toBe(0);
  });

  test('is given back later where the engine cannot now', async () => {
    await throttled({ for: '1s' });
    await clock.advance(seconds(1));
    engine.mishap('update', { error: engineSays('engine-error'), done: false });

    await keeper().release(forever);
    expect(throttles.throttles()).toHaveLength(1);
    await keeper().release(forever);

    expect(resources()?.cpuQuota).toBe(-1);
  });

  test('is given back to the container that was made from it', async () => {
    await throttled({ for: '1s' });
    await clock.advance(seconds(1));
    const limits = resources();
    engine.removeByHand(target.id);
    target = (await engine.docker.inspect(engine.up())) as Replica;
    if (limits !== undefined) madeWith(limits);
    heirs = [target];

    await keeper().release(forever);

    expect(resources()?.cpuQuota).toBe(-1);
  });

  test('is left as it is where somebody has set other limits meanwhile', async () => {
    await throttled({ for: '1s' });
    await clock.advance(seconds(1));
    await engine.docker.update(target.id, { cpuQuota: 70_000 });

    await keeper().release(forever);

    expect(resources()?.cpuQuota).toBe(70_000);
    expect(throttles.throttles()).toEqual([]);
  });
});
