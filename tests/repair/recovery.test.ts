import { beforeEach, describe, expect, test } from '@jest/globals';
import type { RepairRecord } from '../../watchdog/domain/records.ts';
import type { JournalStep, Strategy } from '../../watchdog/domain/repair.ts';
import { minutes } from '../../watchdog/domain/time.ts';
import { Recovery, type RecoveryTools } from '../../watchdog/repair/recovery.ts';
import { ago, anOrder, later, NOON } from '../fakes/a-service.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { engineSays } from '../fakes/fake-engine.ts';

const WEB = { project: 'shop', service: 'web' };
const API = { project: 'shop', service: 'api' };
const { signal } = new AbortController();

let clock: FakeClock;
let unfinished: RepairRecord[];
/** `1 interrupted crash: sentence` */
let ended: string[];
let logged: string[];
let note: RecoveryTools['note'];
let recover: NonNullable<Strategy['recover']>;

beforeEach(() => {
  clock = new FakeClock(NOON);
  ended = [];
  logged = [];
  note = () => undefined;
  unfinished = [aRepair('1', WEB, ['a', 'b', 'a'])];
  recover = async steps => `put right ${steps.map(({ data }) => data.container).join(' ')}`;
});

const step = (container: string): JournalStep => ({ step: 'stop', at: NOON, data: { container } });

/** Steps were journaled for these containers. */
const aRepair = (
  id: string,
  ref: typeof WEB,
  containers: string[],
  differing: Partial<RepairRecord> = {},
): RepairRecord => ({
  ...ref,
  id,
  incidentId: '1',
  order: anOrder({ ...ref, strategy: 'two-way' }),
  startedAt: ago('1m'),
  actedAt: undefined,
  endedAt: undefined,
  outcome: undefined,
  code: '',
  because: '',
  steps: containers.map(step),
  ...differing,
});

const strategies = {
  get: (name: string): Strategy | undefined =>
    name === 'two-way'
      ? { name, danger: 'service', summary: '', apply: async () => undefined, recover: (...given) => recover(...given) }
      : undefined,
};

function recovery(): Recovery {
  const say = (message: string) => void logged.push(message);
  return new Recovery({
    unfinished: () => unfinished,
    strategies,
    note: (...noted) => note(...noted),
    end: (id, outcome, code, because) => {
      unfinished = unfinished.filter(repair => repair.id !== id);
      ended.push(`${id} ${outcome} ${code}: ${because}`);
    },
    clock,
    logger: { error: say, warn: say, info: say, debug: say },
  });
}

describe('what is done on the way back', () => {
  beforeEach(() => {
    recover = async ([first], _, journal) => {
      journal('start', { why: 'it was stopped' });
      return `${first?.data.container} is back`;
    };
  });

  test('is journaled with its repair and under its container', async () => {
    const noted: unknown[] = [];
    note = (...each) => void noted.push(each);

    await recovery().takeUpAll(signal, signal);

    expect(noted).toEqual(['a', 'b'].map(container => ['1', 'start', { why: 'it was stopped', container }]));
  });

  test('is done also when the ledger takes nothing: a service that we stopped is not left so', async () => {
    note = () => {
      throw new Error('database or disk is full');
    };

    await recovery().takeUpAll(signal, signal);

    expect(ended).toEqual(['1 interrupted crash: interrupted; a is back; b is back']);
    expect(logged).toContain('a step of the way back could not be written down');
  });
});

describe('at start', () => {
  test('what was interrupted is put right, container by container', async () => {
    await recovery().takeUpAll(signal, signal);

    expect(ended).toEqual(['1 interrupted crash: interrupted; put right a a; put right b']);
  });

  test.each([
    ['nothing was begun', aRepair('1', WEB, []), 'nothing had been begun'],
    ['the engine had done it', aRepair('1', WEB, [], { actedAt: NOON }), 'it was not proven any more'],
    [
      'its strategy is not there any more',
      aRepair('1', WEB, ['a'], { order: anOrder({ strategy: 'gone' }) }),
      'nothing to finish',
    ],
  ])('it is told where %s', async (_, repair, because) => {
    unfinished = [repair];

    await recovery().takeUpAll(signal, signal);

    expect(ended).toEqual([`1 interrupted crash: interrupted; ${because}`]);
  });

  test('one that cannot be put right stops no other', async () => {
    unfinished = [aRepair('1', WEB, ['a']), aRepair('2', API, ['b'])];
    recover = async ([first]) => {
      if (first?.data.container === 'a') throw engineSays('unreachable');
      return 'done';
    };

    await recovery().takeUpAll(signal, signal);

    expect(ended).toEqual(['2 interrupted crash: interrupted; done']);
    expect(logged).toContain('half-done repair could not be taken up');
  });
});

describe('when a service is attended to', () => {
  test('only what is half done there is taken up', async () => {
    unfinished = [aRepair('1', WEB, ['a']), aRepair('2', API, ['b'])];

    await recovery().takeUp(API, signal);

    expect(ended).toEqual(['2 interrupted crash: interrupted; put right b']);
  });

  test('an engine that never answers is waited for ten minutes, and asked again the next time', async () => {
    recover = () => new Promise(() => undefined);
    const taking = recovery();
    const refused = expect(taking.takeUp(WEB, signal)).rejects.toThrow('taking up two-way has not ended within 10m');
    await clock.advance(minutes(10));
    await refused;
    recover = async () => 'done';

    await taking.takeUp(WEB, signal);

    expect(ended).toEqual(['1 interrupted crash: interrupted; done; done']);
  });

  test('what the engine refuses for now holds back everything else, and stays in the journal', async () => {
    recover = () => Promise.reject(engineSays('unreachable'));
    const taking = recovery();

    for (let n = 0; n < 100; n += 1) await expect(taking.takeUp(WEB, signal)).rejects.toThrow();

    expect(ended).toEqual([]);
  });

  test.each([
    ['refuses', engineSays('engine-error', 'port is taken')],
    // As while it is at removing the container that had the name.
    ['finds in conflict with another one', engineSays('conflict', 'name in use')],
  ])('what the engine %s again and again is left to people in the end', async (_, error) => {
    recover = () => Promise.reject(error);
    const taking = recovery();

    for (let n = 0; n < 19; n += 1) await expect(taking.takeUp(WEB, signal)).rejects.toThrow();
    await taking.takeUp(WEB, signal);

    expect(ended).toEqual([`1 failed half-done: left half done, which could not be put right: ${error.message}`]);
  });

  test.each([
    ['the engine refuses for good', engineSays('refused', 'no such network')],
    ['an own strategy cannot do', new Error('no key')],
  ])('what %s is left to people at once', async (_, error) => {
    recover = () => Promise.reject(error);

    await recovery().takeUp(WEB, signal);

    expect(ended).toEqual([`1 failed half-done: left half done, which could not be put right: ${error.message}`]);
  });

  test('nothing is judged when the watchdog has to go', async () => {
    const stop = new AbortController();
    recover = async () => {
      stop.abort();
      throw engineSays('conflict');
    };

    await expect(recovery().takeUp(WEB, stop.signal)).rejects.toThrow();

    expect(ended).toEqual([]);
  });
});

describe('what the engine replays of a life that ended over a repair', () => {
  test.each([
    ['before the repair is not ours', WEB, ago('61s'), false],
    ['from its beginning on is ours', WEB, ago('1m'), true],
    ['while it is put right is ours', WEB, NOON, true],
    ['afterwards is not ours', WEB, later('1s'), false],
    ['at another service is not ours', API, ago('1m'), false],
  ])('%s', async (_, ref, at, ours) => {
    const taken = recovery();
    await taken.takeUpAll(signal, signal);

    expect(taken.wasOurs(ref, at)).toBe(ours);
  });
});
