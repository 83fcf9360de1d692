import { beforeEach, describe, expect, test } from '@jest/globals';
import type { JournalStep, Proof, Strategy } from '../../watchdog/domain/repair.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import type { Hands } from '../../watchdog/repair/carry-out.ts';
import { repairTarget, worstOf } from '../../watchdog/repair/repair-target.ts';
import { Slots } from '../../watchdog/repair/slots.ts';
import { ago, anOrder, aReplica, NOON } from '../fakes/a-service.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { engineSays } from '../fakes/fake-engine.ts';

const target = aReplica({ inspected: { startedAt: ago('1h') } });
const PROVEN: Proof = { healed: true, code: 'proven', because: 'it is well' };
const ENDED: Proof = { healed: false, code: 'ended', because: 'it fell over' };

const clock = new FakeClock();
/** What happened, in order. */
let story: string[];
let steps: JournalStep[];
beforeEach(() => {
  story = [];
  steps = [];
});

/** Takes one step, and can go both ways. */
const twoWay = (differing: Partial<Strategy> = {}): Strategy => ({
  name: 'two-way',
  danger: 'service',
  summary: '',
  apply: async ({ journal }) => {
    journal('stop-old', { newId: 'new' });
    story.push('applied');
    return 'new';
  },
  confirm: async found => void story.push(`confirmed after ${found.map(({ step }) => step).join(', ')}`),
  undo: async found => void story.push(`undone after ${found.map(({ step }) => step).join(', ')}`),
  ...differing,
});

function repair(strategy: Strategy, proof: Proof = PROVEN) {
  const hands: Hands = {
    docker: { inspect: async () => target },
    slots: new Slots(1),
    clock,
    engineMargin: seconds(30),
    stopping: new AbortController().signal,
  };
  const record = {
    note: (step: string, data: JournalStep['data']) => void steps.push({ step, data, at: NOON }),
    steps: () => steps,
    acted: () => void story.push('acted'),
  };
  const prove = async (id: string, startedBefore: number | undefined) => {
    story.push(`${id} proved against ${startedBefore === ago('1h') ? 'the life before' : startedBefore}`);
    return proof;
  };
  return repairTarget(strategy, anOrder(), target, record, hands, prove, new AbortController().signal);
}

describe('a repair of one container', () => {
  test('that works is proven on the container that stands there now, and then confirmed', async () => {
    const ended = await repair(twoWay());

    expect(ended).toEqual({ outcome: 'healed', code: 'proven', because: 'it is well' });
    expect(story).toEqual(['applied', 'acted', 'new proved against the life before', 'confirmed after stop-old']);
  });

  test('says what people have to know of what stands there now', async () => {
    const tells: Strategy['tells'] = found => `it is elsewhere since ${found.map(({ step }) => step).join(', ')}`;

    expect((await repair(twoWay({ tells }))).because).toBe('it is well; it is elsewhere since stop-old');
    expect((await repair(twoWay({ tells }), ENDED)).because).toBe('it fell over');
    expect((await repair(twoWay({ tells: () => undefined }))).because).toBe('it is well');
  });

  test('that is not proven is undone', async () => {
    const ended = await repair(twoWay(), ENDED);

    expect(ended).toEqual({ outcome: 'not-healed', code: 'ended', because: 'it fell over' });
    expect(story.at(-1)).toBe('undone after stop-old');
  });

  test('that fails on the way is undone as far as it got, and never counts as acted', async () => {
    const apply: Strategy['apply'] = async ({ journal }) => {
      journal('create', {});
      throw engineSays('conflict', 'name in use');
    };

    const ended = await repair(twoWay({ apply }));

    expect(ended).toEqual({ outcome: 'failed', code: 'conflict', because: 'name in use' });
    expect(story).toEqual(['undone after create']);
  });

  test.each([
    ['to confirm it', PROVEN, 'confirm'],
    ['to undo it', ENDED, 'undo'],
  ] as const)('whose engine refuses %s is not called ended: it is left in the journal', async (_, proof, word) => {
    const strategy = twoWay({ [word]: () => Promise.reject(engineSays('unreachable', 'gone')) });

    await expect(repair(strategy, proof)).rejects.toThrow('gone');
  });

  test.each([
    ['to confirm it', PROVEN, 'confirm', 'confirming two-way'],
    ['to undo it', ENDED, 'undo', 'undoing two-way'],
  ] as const)(
    'whose engine never answers when asked %s waits no longer than for the deed',
    async (_, proof, word, name) => {
      const repairing = repair(twoWay({ [word]: () => new Promise(() => undefined) }), proof);
      const refused = expect(repairing).rejects.toThrow(`${name} has not ended within 40s`);

      await clock.advance(seconds(41));

      await refused;
    },
  );

  test('in one step needs neither way', async () => {
    const restart: Strategy = { name: 'restart', danger: 'service', summary: '', apply: async () => undefined };

    expect((await repair(restart)).outcome).toBe('healed');
    expect((await repair(restart, ENDED)).outcome).toBe('not-healed');
  });
});

describe('the ending of several', () => {
  const ended = (outcome: 'healed' | 'not-healed' | 'failed' | 'interrupted', because = '') => ({
    outcome,
    code: outcome,
    because,
  });

  test.each([
    ['healed when all are', [ended('healed'), ended('healed')], 'healed'],
    ['failed when one failed', [ended('healed'), ended('not-healed'), ended('failed')], 'failed'],
    ['not healed when one is not', [ended('healed'), ended('not-healed')], 'not-healed'],
    ['interrupted when one was', [ended('healed'), ended('interrupted')], 'interrupted'],
    ['failed when none of the containers is there any more', [], 'failed'],
  ])('is %s', (_, endings, outcome) => {
    expect(worstOf(endings).outcome).toBe(outcome);
  });

  test('tells every sentence', () => {
    expect(worstOf([ended('healed', 'one is well'), ended('failed', 'two is not')]).because).toBe(
      'one is well; two is not',
    );
  });
});
