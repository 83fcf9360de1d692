import { beforeEach, describe, expect, test } from '@jest/globals';
import { EngineError } from '../../watchdog/adapters/docker/docker.ts';
import type { LogLine } from '../../watchdog/adapters/docker/logs.ts';
import { type FollowedReplica, LogFollower } from '../../watchdog/observe/log-follower.ts';
import { FakeClock, START } from '../fakes/fake-clock.ts';
import { FakeLogs } from '../fakes/fake-logs.ts';

const stamp = (at: number) => new Date(at).toISOString().replace('Z', '000000Z');
const aLine = (text: string, at = START): LogLine => ({ at: stamp(at), stream: 'stdout', text, left: 0 });
const aReplica = (change: Partial<FollowedReplica> = {}): FollowedReplica => ({
  id: 'c1',
  name: 'shop-web-1',
  project: 'shop',
  service: 'web',
  image: 'shop/web',
  state: 'running',
  createdAt: START - 3_600_000,
  ...change,
});

let clock: FakeClock;
let logs: FakeLogs;
let told: string[];
let kept: Map<string, string>;
let follower: LogFollower;

function aFollower(): LogFollower {
  const say = (text: string) => void told.push(text);
  return new LogFollower({
    logs,
    clock,
    positions: { of: id => kept.get(id), keep: moved => void moved.forEach((at, id) => void kept.set(id, at)) },
    logger: { error: say, warn: say, info: say, debug: say } as never,
    onLines: ({ name }, lines) => told.push(...lines.map(({ text }) => `${name}: ${text}`)),
    onMissed: ({ name }, why, lines) => say(`${name} missed ${lines ?? 'some'}: ${why}`),
    onLeft: ({ name }) => say(`${name} left`),
  });
}

beforeEach(() => {
  clock = new FakeClock();
  logs = new FakeLogs();
  told = [];
  kept = new Map();
  follower = aFollower();
});

const reading = (index: number) => {
  const found = logs.readings[index];
  if (found === undefined) throw new Error(`there is no reading ${index}, only ${logs.readings.length}`);
  return found;
};

describe('a container that runs', () => {
  test('is followed from a minute ago where nobody has read it before', async () => {
    follower.attend([aReplica()]);
    await clock.advance(0);
    reading(0).send(aLine('one'), aLine('two'));
    await clock.advance(0);

    expect(reading(0).options).toMatchObject({ id: 'c1', since: stamp(START - 60_000) });
    expect(told).toEqual(['shop-web-1: one', 'shop-web-1: two']);
  });

  test('is followed from its beginning where it is young', async () => {
    follower.attend([aReplica({ createdAt: START - 5_000 })]);
    await clock.advance(0);

    expect(reading(0).options.since).toBe(stamp(START - 6_000));
  });

  test('is followed from where it was left, without what was read before', async () => {
    kept.set('c1', stamp(START - 5_000));
    follower.attend([aReplica()]);
    await clock.advance(0);
    reading(0).send(aLine('old', START - 5_000), aLine('new', START - 4_999), aLine('late', START - 5_000));
    await clock.advance(0);

    expect(reading(0).options.since).toBe(stamp(START - 5_000));
    expect(told).toEqual(['shop-web-1: new', 'shop-web-1: late']);
  });

  test('is not read from hours ago: that is a gap, and told', async () => {
    kept.set('c1', stamp(START - 7_200_000));
    follower.attend([aReplica()]);
    await clock.advance(0);

    expect(reading(0).options.since).toBe(stamp(START - 600_000));
    expect(told).toEqual(['shop-web-1 missed some: too-old']);
  });

  test('is followed once, however often it is seen', async () => {
    for (let time = 0; time < 3; time += 1) follower.attend([aReplica()]);
    await clock.advance(1_000);

    expect(logs.readings.length).toBe(1);
  });

  test('is read on where it was when its stream ends, sooner at first and later less often', async () => {
    follower.attend([aReplica()]);
    await clock.advance(0);
    reading(0).send(aLine('one', START));
    await clock.advance(0);
    reading(0).end();
    await clock.advance(200);
    reading(1).send(aLine('one', START), aLine('two', START + 1));
    await clock.advance(0);
    for (let index = 1; index < 6; index += 1) {
      reading(index).end();
      await clock.advance(5_000);
    }

    expect(reading(1).options.since).toBe(stamp(START));
    expect(told).toEqual(['shop-web-1: one', 'shop-web-1: two']);
    expect(logs.readings.length).toBe(7);
  });

  test('is read on when the engine is back', async () => {
    follower.attend([aReplica()]);
    await clock.advance(0);
    logs.refuse(new EngineError('unreachable', 'nobody there'));
    reading(0).end(new EngineError('unreachable', 'cut'));
    await clock.advance(30_000);
    logs.refuse(undefined);
    await clock.advance(5_000);
    reading(1).send(aLine('back', clock.now()));
    await clock.advance(0);

    expect(told.at(-1)).toBe('shop-web-1: back');
  });
});

describe('a container that stops', () => {
  test('has its last words read, and is left', async () => {
    follower.attend([aReplica()]);
    await clock.advance(0);
    follower.attend([aReplica({ state: 'exited' })]);
    reading(0).send(aLine('panic'));
    reading(0).end();
    await clock.advance(60_000);

    expect(told).toEqual(['shop-web-1: panic', 'shop-web-1 left']);
    expect(follower.following).toEqual([]);
  });

  test('is left when its stream does not end', async () => {
    follower.attend([aReplica()]);
    await clock.advance(0);
    follower.attend([]);
    await clock.advance(10_000);

    expect(reading(0).options.signal.aborted).toBe(true);
    expect(follower.following).toEqual([]);
  });

  test('and starts again is followed on, from where it was left', async () => {
    follower.attend([aReplica()]);
    await clock.advance(0);
    reading(0).send(aLine('one', START));
    follower.attend([aReplica({ state: 'exited' })]);
    reading(0).end();
    await clock.advance(1_000);
    follower.attend([aReplica()]);
    await clock.advance(60_000);

    expect(reading(1).options.since).toBe(stamp(START));
    expect(reading(1).options.signal.aborted).toBe(false);
  });

  test('before anybody saw it run is read once', async () => {
    const short = aReplica({ id: 'c2', name: 'shop-once-1', state: 'exited', createdAt: START + 1_000 });
    await clock.advance(2_000);
    follower.attend([short]);
    await clock.advance(0);
    reading(0).send(aLine('no database', START + 1_500));
    reading(0).end();
    await clock.advance(1_000);
    follower.attend([short]);
    await clock.advance(1_000);

    expect(told).toEqual(['shop-once-1: no database', 'shop-once-1 left']);
    expect(logs.readings.length).toBe(1);
  });

  test('in the second in which we began is read, as the engine lists whole seconds', async () => {
    await clock.advance(400);
    follower = aFollower();
    await clock.advance(200);
    follower.attend([aReplica({ state: 'exited', createdAt: START })]);
    await clock.advance(0);

    expect(logs.readings.length).toBe(1);
  });

  test('long before we began is not read', async () => {
    follower.attend([aReplica({ state: 'exited' })]);
    await clock.advance(1_000);

    expect(logs.readings).toEqual([]);
  });

  test('and is gone when it is asked for is left', async () => {
    logs.refuse(new EngineError('not-found', 'no such container', 404));
    follower.attend([aReplica()]);
    await clock.advance(0);

    expect(told).toEqual(['shop-web-1 left']);
  });
});

test('a logging driver that keeps nothing is told once', async () => {
  logs.refuse(new EngineError('engine-error', 'does not support reading', 501));
  for (let round = 0; round < 3; round += 1) {
    follower.attend([aReplica()]);
    await clock.advance(30_000);
  }

  expect(told.filter(text => text.includes('keeps nothing'))).toHaveLength(1);
});

test('lines are skipped while we are too far behind what is written, and counted', async () => {
  follower.attend([aReplica()]);
  await clock.advance(30_000);
  reading(0).send(aLine('before it was opened', START - 5_000));
  reading(0).send(aLine('behind', START + 1_000), aLine('behind', START + 2_000));
  reading(0).send(aLine('behind', START + 3_000));
  await clock.advance(0);
  reading(0).send(aLine('caught up', START + 29_000));
  await clock.advance(0);

  expect(told).toEqual(['shop-web-1: before it was opened', 'shop-web-1 missed 3: too-many', 'shop-web-1: caught up']);
});

test('what is skipped at the end of a burst is counted, though nothing is written after it', async () => {
  const over = new AbortController();
  const running = follower.run(over.signal);
  follower.attend([aReplica()]);
  await clock.advance(34_000);
  reading(0).send(aLine('behind', START + 1_000), aLine('behind', START + 2_000));
  await clock.advance(0);

  expect(told).toEqual([]);
  await clock.advance(7_000);
  expect(told).toEqual(['shop-web-1 missed 2: too-many']);
  await clock.advance(30_000);
  over.abort();
  await running;
  expect(told.filter(text => text.includes('missed'))).toHaveLength(1);
});

describe('how far each was read', () => {
  test('is kept every few seconds, and at the end', async () => {
    const over = new AbortController();
    const running = follower.run(over.signal);
    follower.attend([aReplica()]);
    await clock.advance(0);
    reading(0).send(aLine('one', START + 1));
    await clock.advance(5_000);

    expect([...kept]).toEqual([['c1', stamp(START + 1)]]);

    reading(0).send(aLine('two', START + 2));
    await clock.advance(0);
    over.abort();
    await running;

    expect([...kept]).toEqual([['c1', stamp(START + 2)]]);
    expect(reading(0).options.signal.aborted).toBe(true);
  });

  test('includes what was still read while the streams were being ended', async () => {
    const over = new AbortController();
    const running = follower.run(over.signal);
    follower.attend([aReplica()]);
    await clock.advance(0);
    over.abort();
    reading(0).send(aLine('last', START + 3));
    await running;

    expect(told).toContain('shop-web-1: last');
    expect([...kept]).toEqual([['c1', stamp(START + 3)]]);
  });

  test('is kept without waiting for one that waits for the engine to be back', async () => {
    const over = new AbortController();
    const running = follower.run(over.signal);
    follower.attend([aReplica()]);
    await clock.advance(0);
    reading(0).end(new EngineError('unreachable', 'gone'));
    await clock.advance(0);
    over.abort();
    await running;

    expect(logs.readings).toHaveLength(1);
  });

  test('is what the next watchdog begins with', async () => {
    kept.set('c1', stamp(START - 1));
    follower = aFollower();
    follower.attend([aReplica()]);
    await clock.advance(0);

    expect(reading(0).options.since).toBe(stamp(START - 1));
  });
});
