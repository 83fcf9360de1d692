import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Headcount, Resize } from '../watchdog/domain/headcount.ts';
import type { Making } from '../watchdog/domain/making.ts';
import { MADE_LABEL, type Scaling } from '../watchdog/domain/scaling.ts';
import type { Replica, ServiceRef } from '../watchdog/domain/service.ts';
import type { LoadReading, SizeMemory, SizeRecord } from '../watchdog/domain/size.ts';
import type { Stack } from '../watchdog/domain/stack.ts';
import { type Duration, minutes, seconds } from '../watchdog/domain/time.ts';
import { Sizes } from '../watchdog/sizes.ts';
import { aScaling, failed, number, queue } from './fakes/a-scaling.ts';
import { aHealthyReplica, aService, aStack, NOON } from './fakes/a-service.ts';
import { anOrder } from './record/ledger/a-ledger.ts';

const WEB = { project: 'shop', service: 'web' };
const SCALING: Scaling = aScaling({ metrics: [queue(100)], max: 10 });

/** As the ledger, which keeps JSON. */
class Memory implements SizeMemory {
  readonly kept = new Map<string, string>();
  sizeOf = () => (this.kept.has('web') ? (JSON.parse(this.kept.get('web') ?? '') as SizeRecord) : undefined);
  writes = 0;
  rememberSizes = (sizes: Iterable<readonly [ServiceRef, SizeRecord]>) => {
    this.writes += 1;
    for (const [{ service }, record] of sizes) this.kept.set(service, JSON.stringify(record));
  };
}

const replicasOf = (composes: number, ours = 0): Replica[] => [
  ...Array.from({ length: composes }, (_, at) => aHealthyReplica({ number: at + 1 })),
  ...Array.from({ length: ours }, (_, at) =>
    aHealthyReplica({ number: composes + at + 1, labels: { [MADE_LABEL]: 'replica' } }),
  ),
];

let memory: Memory;
let facts: { lastDeployAt?: number; resizedByHand?: Resize };
let underRepair: boolean;
let stack: Stack;
let sizes: Sizes;
let now: number;

const born = () => {
  sizes = new Sizes({
    get stack() {
      return stack;
    },
    memory,
    isUnderRepair: () => underRepair,
    scalingOf: () => SCALING,
  });
};

const stands = (composes: number, ours = 0) => {
  stack = aStack([aService({ replicas: replicasOf(composes, ours) })], facts);
};

beforeEach(() => {
  memory = new Memory();
  facts = {};
  underRepair = false;
  now = NOON;
  stands(1);
  born();
});

const reading = (items: number | undefined): LoadReading => ({
  at: now,
  scaling: SCALING,
  elsewhere: [items === undefined ? failed() : number(items)],
  making: undefined,
});

/** So much later the queue has so many items; undefined: it cannot be read. */
function weigh(items: number | undefined, later: Duration = minutes(1)): boolean {
  now += later;
  const service = stack.service(WEB);
  if (service === undefined) throw new Error('nothing stands there');
  const heard = sizes.weigh(service, reading(items));
  sizes.save(now);
  return heard;
}

const record = () => sizes.of(WEB)?.record;
const head = (all: number, composes: number): Headcount => ({ all, composes });

describe('the road hears of a size', () => {
  test('that is wrong, every time; that is right, once', () => {
    expect([weigh(350), weigh(350), weigh(95), weigh(95), weigh(350)]).toEqual([true, true, true, false, true]);
  });

  test('that cannot be known, once, and of its return', () => {
    expect([weigh(95), weigh(undefined), weigh(undefined), weigh(95)]).toEqual([true, true, false, true]);
  });

  test('that is held at its max, every time: somebody may have to hear of it', () => {
    stands(10);

    expect([weigh(5_000), weigh(5_000)]).toEqual([true, true]);
    expect(record()?.pinnedSince).toBe(NOON + minutes(1));
    weigh(950);
    expect(record()?.pinnedSince).toBeUndefined();
  });
});

describe('the past of a size', () => {
  test('begins with what stands there, so that nothing is taken away before the window is over', () => {
    stands(4);
    weigh(0);

    expect(sizes.now(WEB, now)?.sizing).toMatchObject({ current: 4, raw: 0, wanted: 4 });
  });

  test('is kept in the ledger: who comes after a restart goes on with it', () => {
    stands(4);
    weigh(350);
    weigh(0);

    born();
    weigh(0);

    expect(record()?.track.recommendations.map(({ replicas }) => replicas)).toEqual([4, 4, 0, 0]);
  });

  test('is written once for all that were weighed, and not again where nothing was', () => {
    const both = [aService(), aService({ service: 'api' })];
    stack = aStack(both);
    for (const service of both) sizes.weigh(service, reading(350));
    expect(memory.writes).toBe(0);

    sizes.save(now);
    sizes.save(now);

    expect([memory.writes, [...memory.kept.keys()]]).toEqual([1, ['web', 'api']]);
  });

  test('has no recommendation of a time at which nothing could be read', () => {
    weigh(95);
    weigh(undefined);

    expect(record()?.track.recommendations).toHaveLength(2);
  });

  test('counts a change from the moment its order begins, and in the end what really changed', () => {
    weigh(350);
    const changes = () => memory.sizeOf()?.track.changes;

    const ended = sizes.begins(anOrder({ strategy: 'scale', with: { replicas: 4, from: 1 } }), now);
    expect(changes()).toEqual([{ at: now, by: 3 }]);
    expect(memory.sizeOf()?.stood).toBeUndefined();

    stands(1, 2);
    ended(now + seconds(30));
    expect(changes()).toEqual([{ at: now, by: 2 }]);
    expect(memory.sizeOf()?.stood).toEqual(head(3, 1));
  });

  test('holds what an alert asked for as long as what a signal asked for', () => {
    weigh(95);
    const alert = {
      name: 'CeleryQueueBacklog',
      fingerprint: 'f1',
      wants: { kind: 'strategy', name: 'scale' },
    } as const;
    const ended = sizes.begins(anOrder({ strategy: 'scale', with: { replicas: 2, from: 1 }, alert }), now);
    stands(1, 1);
    ended(now);

    weigh(95);

    expect(sizes.now(WEB, now)?.sizing.wanted).toBe(2);
  });
});

describe('who changed the number', () => {
  test('is a plain up where only ours are gone: what stood before is asked for again', () => {
    stands(1, 3);
    weigh(350);
    stands(1);
    weigh(95);

    expect(record()?.drift).toEqual({ at: now, from: 4, to: 1 });
    expect(sizes.now(WEB, now)?.recommendation.replicas).toBe(4);
  });

  test('is a person where the number of Compose’s own is another: that is a choice, and no drift', () => {
    stands(1, 3);
    weigh(350);
    stands(2);
    weigh(95);

    expect(record()).toMatchObject({ drift: undefined, chosen: { before: head(4, 1) } });
  });

  test('is told by events to the moment, which the ledger keeps', () => {
    stands(1);
    weigh(95);
    facts = { resizedByHand: { at: now + seconds(5), before: head(1, 1) } };
    stands(3);
    weigh(95);
    facts = {};
    stands(3);
    born();
    weigh(95);

    expect(record()?.chosen).toEqual({ at: NOON + minutes(1) + seconds(5), before: head(1, 1) });
  });

  test('is told at once, also between two readings', () => {
    weigh(95);
    facts = { resizedByHand: { at: now, before: head(1, 1) } };
    stands(3);

    expect(sizes.factsOf(WEB, now)?.record.chosen).toEqual({ at: now, before: head(1, 1) });
  });

  test.each([
    ['a repair of ours', true, undefined],
    ['a deploy', false, NOON + minutes(2) - seconds(1)],
  ])('is not asked while %s is under way', (_, repairing, lastDeployAt) => {
    stands(1, 3);
    weigh(350);
    underRepair = repairing;
    facts = lastDeployAt === undefined ? {} : { lastDeployAt };
    stands(1);
    weigh(95);

    expect(record()).toMatchObject({ drift: undefined, stood: head(4, 1) });
  });

  test('is not asked of what stood there too long ago', () => {
    stands(1, 3);
    weigh(350);
    stands(1);
    weigh(95, minutes(11));

    expect(record()).toMatchObject({ drift: undefined, stood: head(1, 1) });
  });
});

describe('what is known of a size', () => {
  test('says all that stands against scaling it', () => {
    const making: Making = {
      image: 'redis:7',
      ourselves: false,
      oneShot: false,
      ownName: 'cache',
      published: [{ container: '6379/tcp', host: '6379' }],
      staticAddresses: [],
      sharedNetwork: undefined,
      sharedProcesses: undefined,
      exposes: [],
      mounts: [],
      autoRemove: false,
    };
    const service = stack.service(WEB);
    if (service !== undefined) sizes.weigh(service, { ...reading(350), making });

    expect(sizes.now(WEB, now)?.obstacles).toEqual([
      expect.stringContaining('container_name: cache'),
      expect.stringContaining('it publishes 6379:6379'),
    ]);
    expect(sizes.factsOf(WEB, now)?.obstacle).toContain('container_name: cache');
  });

  test('is forgotten of a service that is not scaled any more, or whose containers are gone', () => {
    weigh(350);
    expect([...sizes.all(now)]).toHaveLength(1);

    stack = aStack([]);
    expect([...sizes.all(now)]).toEqual([]);
    stands(1);
    sizes.keepOnly([]);
    expect([sizes.of(WEB), sizes.now(WEB, now)]).toEqual([undefined, undefined]);
  });
});
