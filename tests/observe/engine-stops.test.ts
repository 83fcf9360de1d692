import { beforeEach, describe, expect, test } from '@jest/globals';
import type { EngineError, EngineEvent } from '../../watchdog/adapters/docker/docker.ts';
import type { EngineMemory } from '../../watchdog/adapters/docker/engine-memory.ts';
import { type Instant, minutes, seconds } from '../../watchdog/domain/time.ts';
import { EngineStops, isOfShutdown, outlivedIn } from '../../watchdog/observe/engine-stops.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import { aReplica, NOON } from '../fakes/a-service.ts';
import { engineSays } from '../fakes/fake-engine.ts';
import { anEvent } from './an-event.ts';

const WEB = aReplica();
const STOP = { containerId: WEB.id, at: NOON };

const aMemory = (differing: Partial<EngineMemory> = {}): EngineMemory => ({
  events: [],
  isWhole: true,
  restoresLive: false,
  at: NOON + minutes(5),
  ...differing,
});

const of = (action: EngineEvent['action'], at: Instant, containerId = WEB.id) => anEvent(action, { at, containerId });

describe('a stop from before the engine answered', () => {
  test.each<[string, Instant | undefined, Partial<EngineMemory>, boolean]>([
    ['that another engine told, which was not heard again', NOON, {}, true],
    ['that another engine told, which was heard for a while longer', NOON + seconds(15), {}, true],
    ['that another engine told, which was still there when it would have been down', NOON + seconds(16), {}, false],
    ['that this engine told itself', NOON, { events: [of('die', NOON)] }, false],
    ['at the moment of another one', NOON, { events: [of('die', NOON, 'shop-api-1-id')] }, true],
    ['of an engine that has told too much since to remember it', NOON, { isWhole: false }, false],
    ['of an engine that leaves its containers running', NOON, { restoresLive: true }, false],
    ['that lies ahead, since the clock was set back', NOON, { at: NOON - 1 }, false],
    ['when nobody knows until when the engine was heard', undefined, {}, false],
  ])('%s', (_, heardUntil, memory, isItsOwn) => {
    expect(isOfShutdown(STOP, heardUntil, aMemory(memory))).toBe(isItsOwn);
  });
});

describe('what an engine ended', () => {
  test.each<[string, Partial<EngineMemory>, readonly string[]]>([
    [
      'has outlived the one before where it was never started',
      { events: [of('die', NOON), of('stop', NOON)] },
      [WEB.id],
    ],
    ['has not where it was started before', { events: [of('start', NOON - 1), of('die', NOON)] }, []],
    [
      'has where it was started afterwards',
      { events: [of('die', NOON), of('start', NOON + 1), of('die', NOON + 2)] },
      [WEB.id],
    ],
    ['may have been started where the engine has forgotten some', { events: [of('die', NOON)], isWhole: false }, []],
    ['may be a person’s where it takes over what runs', { events: [of('die', NOON)], restoresLive: true }, []],
    ['is not what it was only asked to end', { events: [of('kill', NOON)] }, []],
  ])('%s', (_, memory, outlived) => {
    expect([...outlivedIn(aMemory(memory)).keys()]).toEqual(outlived);
  });

  test('is dated by its last word about that', () => {
    const events = [of('die', NOON), of('stop', NOON + 5), of('start', NOON + 6), of('die', NOON + 7)];

    expect(outlivedIn(aMemory({ events })).get(WEB.id)).toBe(NOON + 5);
  });
});

describe('the judge of stops', () => {
  let stack: StackKeeper;
  let remembered: { containerId: string; at: Instant }[];
  let answers: (EngineMemory | EngineError)[];
  let warned: number;
  let asked: number;

  beforeEach(() => {
    stack = new StackKeeper(() => []);
    remembered = [];
    answers = [];
    warned = 0;
    asked = 0;
  });

  const judge = (answeredAt: Instant | undefined = undefined) =>
    new EngineStops({
      docker: {
        recall: async () => {
          asked += 1;
          const answer = answers.shift() ?? aMemory();
          if (answer instanceof Error) throw answer;
          return answer;
        },
      },
      stack,
      stops: {
        forgetStop: id => {
          remembered = remembered.filter(({ containerId }) => containerId !== id);
        },
      },
      rememberedStops: () => remembered,
      answeredAt,
      logger: {
        error: () => undefined,
        warn: () => {
          warned += 1;
        },
      },
    });
  const exited = (seen: Partial<typeof WEB.seen> = {}) => {
    stack.put(aReplica({ state: 'exited' }));
    stack.mark(WEB.id, seen);
  };
  const seen = () => stack.replica(WEB.id)?.seen;

  test('forgets what the watchdog before took for a person’s, when the engine went down under it', async () => {
    remembered = [STOP];

    await judge(NOON - seconds(20)).judge();

    expect(remembered).toEqual([]);
  });

  test('keeps what the engine still remembers, after a mere cut', async () => {
    exited({ stoppedByHandAt: NOON, deaths: [NOON] });
    remembered = [STOP];
    answers = [aMemory(), aMemory({ events: [of('start', NOON - 1), of('die', NOON)] })];
    const stops = judge();
    await stops.judge();

    stops.isBack({ at: NOON - seconds(1), wasAway: false });
    await stops.judge();

    expect([seen()?.stoppedByHandAt, remembered]).toEqual([NOON, [STOP]]);
  });

  test('forgets what has outlived an engine, whether its events come before the judgement or after it', async () => {
    exited({ stoppedByHandAt: NOON, deaths: [NOON] });
    remembered = [STOP];
    answers = [aMemory({ events: [of('die', NOON), of('stop', NOON + 5)] })];
    const stops = judge();

    await stops.judge();
    expect([seen()?.stoppedByHandAt, remembered]).toEqual([undefined, []]);

    stack.mark(WEB.id, { stoppedByHandAt: NOON });
    remembered = [STOP];
    stops.forgetOutlived(of('die', NOON));
    expect([seen()?.stoppedByHandAt, remembered]).toEqual([undefined, []]);
  });

  test('knows when it died where no event has told, so that its restart policy is not asked', async () => {
    answers = [aMemory({ events: [of('die', NOON)] })];
    const stops = judge();
    await stops.judge();

    exited();
    stops.forgetOutlived();

    expect(seen()?.deaths).toEqual([NOON]);
  });

  test('leaves alone what was started since and stopped by a person', async () => {
    answers = [aMemory({ events: [of('die', NOON)] })];
    const stops = judge();
    await stops.judge();

    exited({ stoppedByHandAt: NOON + minutes(6), deaths: [NOON, NOON + minutes(6)] });
    stops.forgetOutlived();

    expect(seen()?.stoppedByHandAt).toBe(NOON + minutes(6));
  });

  test('asks once for each connection, and again where it got no answer', async () => {
    answers = [engineSays('timeout'), aMemory()];
    const stops = judge();

    for (let round = 0; round < 3; round += 1) await stops.judge();

    expect([asked, warned]).toEqual([2, 1]);
  });

  test('asks no more where it may not', async () => {
    answers = [engineSays('refused')];
    const stops = judge();

    for (let round = 0; round < 3; round += 1) await stops.judge();

    expect([asked, warned]).toEqual([1, 1]);
  });

  test('knows from the watchdog before until when the engine was heard, though it was away at first', async () => {
    remembered = [STOP];
    const stops = judge(NOON - seconds(20));

    stops.isBack({ at: NOON + minutes(4), wasAway: true });
    await stops.judge();

    expect(remembered).toEqual([]);
  });

  test('believes no answer of an engine that went away while it was asked', async () => {
    remembered = [STOP];
    const stops = judge(NOON);

    const judging = stops.judge();
    stops.isBack({ at: NOON + minutes(4), wasAway: false });
    await judging;

    expect(remembered).toEqual([STOP]);
  });
});
