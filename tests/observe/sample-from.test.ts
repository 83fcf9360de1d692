import { describe, expect, test } from '@jest/globals';
import type { Resources, Stats } from '../../watchdog/adapters/docker/docker.ts';
import { coresOf, sampleFrom } from '../../watchdog/observe/sample-from.ts';
import { NOON } from '../fakes/a-service.ts';
import { NO_LIMITS } from '../fakes/fake-container.ts';

const SECOND = 1_000_000_000;
const MIB = 2 ** 20;

/** Read at a moment of a host with four cores, so many seconds after noon. */
const aRead = (after: number, differing: Partial<Stats> = {}): Stats => ({
  at: NOON + after * 1_000,
  cpuTime: 100 * SECOND,
  hostCpuTime: (1_000 + after) * 4 * SECOND,
  hostCores: 4,
  memoryBytes: 60 * MIB,
  memoryLimit: 100 * MIB,
  networkErrors: 7,
  ...differing,
});

const limits = (differing: Partial<Resources>): Resources => ({ ...NO_LIMITS, ...differing });
const sample = (now: Stats, before: Stats | undefined, resources: Resources = NO_LIMITS) =>
  sampleFrom(now, before, resources, NOON);

describe('the CPU', () => {
  const used30of60 = [aRead(60, { cpuTime: 130 * SECOND }), aRead(0)] as const;

  test.each([
    { of: 'all cores of the host where it has no limit', resources: {}, share: 30 / 60 / 4 },
    { of: 'its cpus', resources: { nanoCpus: SECOND / 2 }, share: 1 },
    { of: 'its quota', resources: { cpuQuota: 25_000, cpuPeriod: 50_000 }, share: 1 },
    { of: 'its quota in the usual period', resources: { cpuQuota: 200_000 }, share: 0.25 },
    { of: 'the cores it is bound to', resources: { cpusetCpus: '1,2' }, share: 0.25 },
    { of: 'the smaller of quota and cores', resources: { cpusetCpus: '0-3', nanoCpus: SECOND }, share: 0.5 },
    { of: 'all cores after a quota was lifted', resources: { cpuQuota: -1 }, share: 30 / 60 / 4 },
  ])('is a share of $of', ({ resources, share }) => {
    expect(sample(...used30of60, limits(resources)).cpu).toBeCloseTo(share);
  });

  test('is not known from a single look', () => {
    expect(sample(aRead(0), undefined).cpu).toBeUndefined();
  });

  test('is not known after a restart, which begins the counters anew', () => {
    expect(sample(aRead(60, { cpuTime: SECOND }), aRead(0)).cpu).toBeUndefined();
  });

  test('is not known when no time has passed', () => {
    expect(sample(aRead(0), aRead(0)).cpu).toBeUndefined();
  });

  test('does not care that the clock of the host was put back', () => {
    const [now, before] = used30of60;

    expect(sample({ ...now, at: NOON - 3_600_000 }, before).cpu).toBeCloseTo(30 / 60 / 4);
  });

  test('is told by the clock where the engine does not say how busy the host was', () => {
    const [now, before] = used30of60;
    const silent = { hostCpuTime: undefined };

    expect(sample({ ...now, ...silent }, { ...before, ...silent }).cpu).toBeCloseTo(30 / 60 / 4);
  });
});

describe('memory', () => {
  test('is a share of the limit', () => {
    expect(sample(aRead(0), undefined, limits({ memory: 100 * MIB }))).toMatchObject({
      memoryBytes: 60 * MIB,
      memory: 0.6,
      memoryLimited: true,
    });
  });

  test("is a share of the host's where there is no limit", () => {
    expect(sample(aRead(0, { memoryLimit: 600 * MIB }), undefined)).toMatchObject({
      memory: 0.1,
      memoryLimited: false,
    });
  });

  test('is no share of a limit that is not known', () => {
    expect(sample(aRead(0, { memoryLimit: 0 }), undefined).memory).toBe(0);
  });
});

describe('network errors', () => {
  test('are counted a second', () => {
    expect(sample(aRead(60, { networkErrors: 607 }), aRead(0))).toMatchObject({
      networkErrors: 10,
      networkErrorsTotal: 607,
    });
  });

  test('are not known without a network of its own', () => {
    const none = { networkErrors: undefined };

    expect(sample(aRead(60, none), aRead(0, none))).toMatchObject({ networkErrors: undefined, networkErrorsTotal: 0 });
  });

  test('are not known after the interfaces were made anew', () => {
    expect(sample(aRead(60, { networkErrors: 0 }), aRead(0)).networkErrors).toBeUndefined();
  });
});

test.each([
  { cpuset: '', cores: undefined },
  { cpuset: '3', cores: 1 },
  { cpuset: '0-2,5', cores: 4 },
])('a set of cores "$cpuset" is read as $cores', ({ cpuset, cores }) => {
  expect(coresOf(limits({ cpusetCpus: cpuset }))).toBe(cores);
});
