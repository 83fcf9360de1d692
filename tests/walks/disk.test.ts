import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Notices } from '../../watchdog/adapters/notices.ts';
import { NO_ALERTS } from '../../watchdog/domain/alert.ts';
import { diskRef } from '../../watchdog/domain/disk.ts';
import { NO_ERRORS } from '../../watchdog/domain/error-book.ts';
import type { Finding } from '../../watchdog/domain/finding.ts';
import type { HostStrategy } from '../../watchdog/domain/repair.ts';
import { NOTHING_SCALED } from '../../watchdog/domain/size.ts';
import { hours, minutes, seconds } from '../../watchdog/domain/time.ts';
import { Lanes } from '../../watchdog/lanes.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import { Pipeline } from '../../watchdog/pipeline.ts';
import { Chronicle } from '../../watchdog/record/chronicle.ts';
import type { Ledger } from '../../watchdog/record/ledger/ledger.ts';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { strategyRegistry } from '../../watchdog/repair/registry.ts';
import { Slots } from '../../watchdog/repair/slots.ts';
import { aPlaybook, aPolicy } from '../fakes/a-service.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

// The road with a strategy of the test's own, which works on the host: what the disk has, and what sweeping it gives back.

const DISK = diskRef('/data');
const never = new AbortController().signal;
const logger = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

let folder: string;
let clock: FakeClock;
let ledger: Ledger;
let pipeline: Pipeline;
let lanes: Lanes;
let told: string[];
let stack: StackKeeper;
let free: number;
let sweepGives: number;

const sweep: HostStrategy = {
  name: 'sweep',
  danger: 'none',
  summary: 'sweeps',
  applyToHost: async ({ journal }) => {
    journal('dangling-images', {});
    free += sweepGives;
    return 'dangling images: 2 GB';
  },
};

/** As the disk watch reads it. */
function read(): void {
  const before = stack.disk('/data')?.lowSince;
  const at = clock.now();
  const lowSince = free < 0.1 ? (before ?? at) : undefined;
  stack.noteDisk({ path: '/data', at, free, freeBytes: free * 1e11, threshold: 0.1, lowSince });
}

/** The disk watch reads and makes a finding of it, so often. */
async function watch(times: number): Promise<void> {
  for (let i = 0; i < times; i += 1) {
    read();
    const at = clock.now();
    const finding: Finding = { kind: 'measured', target: DISK, source: 'samples', at, seenAt: at, evidence: {} };
    lanes.submit(finding);
    await clock.advance(seconds(30));
  }
}

const repairs = () =>
  [...ledger.repairs({ limit: 50 }).items]
    .reverse()
    .map(({ order, outcome, because }) => `${order.strategy} ${outcome}: ${because}`);
const open = () => ledger.openIncidentOf('host/disk:/data/host');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-disk-'));
  clock = new FakeClock();
  ledger = openLedger(join(folder, 'ledger.sqlite'), { logger }).ledger;
  stack = new StackKeeper(() => []);
  told = [];
  free = 0.05;
  sweepGives = 0.2;
  const docker = new FakeEngine(clock).docker;
  pipeline = new Pipeline({
    stack,
    docker,
    ledger,
    chronicle: new Chronicle(ledger, ({ type }) => told.push(type), clock, logger),
    hands: { docker, slots: new Slots(1), clock, engineMargin: seconds(30), stopping: never },
    eyes: { docker, notices: new Notices(), clock, alerts: NO_ALERTS },
    alerts: NO_ALERTS,
    errors: { ...NO_ERRORS, beginAfresh: () => undefined, heard: async () => undefined },
    sizes: { ...NOTHING_SCALED, factsOf: () => undefined, isScaled: () => false, begins: () => () => undefined },
    strategies: strategyRegistry([sweep]),
    policyOf: () => aPolicy(),
    playbookFor: () =>
      aPlaybook({ condition: 'disk-low', ladder: [{ strategy: 'sweep', with: {} }], cooldown: hours(1), attempts: 1 }),
    allowedBeforehand: () => [],
    approvalWait: () => hours(24),
    playbookNamed: () => undefined,
    playbookNames: () => [],
    pauseOf: () => undefined,
    storm: { stormLimit: 60, stormWindow: minutes(10) },
    scope: { projects: ['shop'], selfId: undefined },
    watchingSince: clock.now(),
    random: () => 0,
    lookAtHost: async () => read(),
    takeUp: async () => undefined,
    submit: finding => lanes.submit(finding),
    submitAt: (at, finding, key) => lanes.submitAt(at, finding, key),
    clock,
    logger,
    stopping: never,
    handsOff: never,
  });
  lanes = new Lanes(finding => pipeline.attend(finding), clock);
});
afterEach(async () => {
  await lanes.close();
  ledger.close();
  rmSync(folder, { recursive: true });
});

describe('a disk on which little is left', () => {
  test('for five minutes is made room on, proven by a fresh reading, and its incident closed', async () => {
    await watch(10);
    expect(repairs()).toEqual([]);

    await watch(1);

    expect(repairs()).toEqual([
      'sweep healed: dangling images: 2 GB; 25 % is free on the disk of /data (it should be 10 %)',
    ]);
    expect(ledger.repairs({ limit: 1 }).items[0]?.steps.map(({ step }) => step)).toEqual(['dangling-images']);
    expect(open()).toBeUndefined();
    expect(told.filter(type => type !== 'decided' && type !== 'found')).toEqual([
      'incident-opened',
      'repair-began',
      'repair-ended',
      'incident-resolved',
    ]);
  });

  test('that stays low is left to people after one attempt', async () => {
    sweepGives = 0.01;
    await watch(40);

    expect(repairs()).toEqual([expect.stringMatching(/^sweep not-healed: dangling images: 2 GB; 6 % is free/)]);
    expect(open()?.state).toBe('escalated');
    expect(told.filter(type => type === 'incident-escalated')).toHaveLength(1);
  });

  test('closes its incident when somebody else makes room', async () => {
    sweepGives = 0;
    await watch(20);
    expect(open()).toBeDefined();

    free = 0.5;
    await watch(1);

    expect(open()).toBeUndefined();
  });

  test('that fills up again within the hour waits for its cooldown', async () => {
    await watch(11);
    free = 0.02;
    await watch(20);

    expect(repairs()).toHaveLength(1);
    expect(ledger.decisions({ limit: 1 }).items[0]?.code).toMatch(/^(attempt-cap|cooldown)$/);
  });
});

test('explain says what would be done about a disk, and touches nothing', async () => {
  read();
  await clock.advance(minutes(5));

  const explanation = await pipeline.explain(DISK);

  expect(explanation).toMatchObject({ decision: { verdict: 'go' }, order: { strategy: 'sweep', targets: [] } });
  expect(repairs()).toEqual([]);
});
