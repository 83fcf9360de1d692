import { beforeEach, describe, expect, test } from '@jest/globals';
import { type Docker, EngineError } from '../../watchdog/adapters/docker/docker.ts';
import type { Finding } from '../../watchdog/domain/finding.ts';
import type { Sample } from '../../watchdog/domain/sample.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import { ResourceSampler } from '../../watchdog/observe/resource-sampler.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import { aReplica } from '../fakes/a-service.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

const INTERVAL = seconds(30);

let clock: FakeClock;
let engine: FakeEngine;
let stack: StackKeeper;
let found: Finding[];
let logged: string[];
let stop: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  engine = new FakeEngine(clock);
  stack = new StackKeeper(() => []);
  found = [];
  logged = [];
  stop = new AbortController();
});

/** Runs until the test stops it; what the engine has is in the stack. */
async function sampling(
  docker: Pick<Docker, 'stats' | 'resources'> = engine.docker,
  tooMuch: (sample: Sample) => boolean = () => false,
) {
  for (const replica of await engine.docker.list(undefined)) stack.put(replica);
  engine.calls.length = 0;
  const sampler = new ResourceSampler({
    docker,
    stack,
    interval: INTERVAL,
    tooMuch,
    emit: finding => void found.push(finding),
    clock,
    logger: { warn: message => void logged.push(`warn ${message}`), debug: () => undefined },
  });
  return { ended: sampler.run(stop.signal) };
}

const samplesOf = (id: string) => stack.replica(id)?.samples ?? [];
const upTo = (count: number) => Array.from({ length: count }, (_, n) => engine.up({ number: n + 1 }));

describe('every interval', () => {
  test('each running container is measured once, an interval apart', async () => {
    const ids = upTo(5);
    await sampling();

    await clock.advance(3 * INTERVAL - 1);

    for (const id of ids) {
      const [first, second, third, ...more] = samplesOf(id).map(({ at }) => at);
      expect(more).toEqual([]);
      expect([(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)]).toEqual([INTERVAL, INTERVAL]);
    }
  });

  test('the containers are spread over it', async () => {
    const ids = upTo(40);
    await sampling();

    await clock.advance(INTERVAL - 1);

    const moments = ids.flatMap(id => samplesOf(id).map(({ at }) => at));
    const thirds = [0, 1, 2].map(third =>
      moments.filter(at => Math.floor(((at - clock.now() + INTERVAL) * 3) / INTERVAL) === third),
    );
    for (const third of thirds) expect(third.length).toBeGreaterThan(5);
  });

  test('what does not run is not asked for', async () => {
    engine.crash(engine.up({ service: 'ended' }));
    engine.pause(engine.up({ service: 'paused' }));
    engine.make({ service: 'created' });
    stack.put(aReplica({ id: 'helper', oneOff: true }));
    await sampling();

    await clock.advance(INTERVAL);

    expect(engine.calls).toEqual([]);
  });

  test('no more than four are asked at once', async () => {
    upTo(20);
    let underWay = 0;
    let most = 0;
    await sampling({
      ...engine.docker,
      stats: async id => {
        underWay += 1;
        most = Math.max(most, underWay);
        await clock.sleep(seconds(9));
        underWay -= 1;
        return engine.docker.stats(id);
      },
    });

    await clock.advance(2 * INTERVAL);

    expect(most).toBe(4);
  });

  test('many containers are measured less often, so that the engine has other things to do', async () => {
    const ids = upTo(1_200);
    await sampling();

    await clock.advance(2 * INTERVAL - 1);

    expect(ids.filter(id => samplesOf(id).length !== 1)).toEqual([]);
    expect(stack.sampledEvery).toBe(2 * INTERVAL);
  });

  test('what it may use is asked once in ten minutes', async () => {
    upTo(1);
    await sampling();

    await clock.advance(20 * INTERVAL - 1);

    expect(engine.count('stats')).toBe(20);
    expect(engine.count('resources')).toBe(1);
    await clock.advance(INTERVAL);
    expect(engine.count('resources')).toBe(2);
  });

  test('it ends with the signal, in the middle of an interval, and leaves no timer', async () => {
    upTo(3);
    const { ended } = await sampling();
    await clock.advance(INTERVAL / 2);

    stop.abort();
    await ended;

    expect(clock.pending).toBe(0);
  });
});

describe('a sample', () => {
  test('is a share of what the container may use', async () => {
    const id = engine.up();
    const container = engine.container(id);
    if (container !== undefined) container.resources = { ...container.resources, nanoCpus: 500_000_000, memory: 100 };
    container?.load.change({ cores: 0.25, memoryBytes: 80 }, clock.now());
    await sampling();

    await clock.advance(2 * INTERVAL);

    expect(samplesOf(id).at(-1)).toMatchObject({ cpu: 0.5, memory: 0.8, memoryLimited: true });
  });

  test('of a container that was removed meanwhile is no error', async () => {
    engine.removeByHand(engine.up());
    stack.put(aReplica({ id: 'gone' }));
    await sampling();

    await clock.advance(2 * INTERVAL);

    expect(samplesOf('gone')).toEqual([]);
    expect(logged).toEqual([]);
  });

  test('that the engine refuses is told once, and asked for again', async () => {
    upTo(2);
    let asked = 0;
    await sampling({
      ...engine.docker,
      stats: async () => {
        asked += 1;
        throw new EngineError('refused', 'not allowed by the socket proxy', 403);
      },
    });

    await clock.advance(2 * INTERVAL - 1);

    expect(logged).toEqual(['warn the engine refuses to measure containers']);
    expect(asked).toBe(4);
  });

  test('that fails keeps no other from being taken', async () => {
    const [first = '', second = ''] = upTo(2);
    await sampling({
      ...engine.docker,
      stats: async id => {
        if (id === first) throw new EngineError('engine-error', 'no');
        return engine.docker.stats(id);
      },
    });

    await clock.advance(INTERVAL);

    expect(samplesOf(second)).toHaveLength(1);
  });
});

describe('a finding', () => {
  test('is made for what is too much, and for the first that is not any more', async () => {
    const verdicts = [false, true, true, false, false];
    const id = engine.up();
    await sampling(engine.docker, () => verdicts.shift() ?? false);

    await clock.advance(5 * INTERVAL - 1);

    const [, ...judged] = samplesOf(id).map(({ at }) => at);
    expect(found.map(({ at }) => at)).toEqual(judged.slice(0, 3));
  });

  test('says where to look, and with what figures', async () => {
    const id = engine.up({ service: 'worker' });
    await sampling(engine.docker, () => true);

    await clock.advance(INTERVAL - 1);

    expect(found).toEqual([
      {
        kind: 'measured',
        target: { project: 'shop', service: 'worker', containerId: id },
        source: 'samples',
        at: samplesOf(id)[0]?.at,
        seenAt: samplesOf(id)[0]?.at,
        evidence: { memory: 0.001 },
      },
    ]);
  });
});
