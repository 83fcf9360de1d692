import { expect, test } from '@jest/globals';
import type { Deed } from './engine-account.ts';
import { type Evidence, judge } from './judgement.ts';

const deed = (at: number, what: Deed['what'], containerId = 'one'): Deed => ({ at, what, containerId, service: 'web' });
const STANDS = { web: [{ name: '/shop-web-1', state: 'running' }] };

/** Ill at 100 and again at 200, each time started once and written down. */
const WELL: Evidence = {
  illnesses: [
    { service: 'web', at: 100 },
    { service: 'web', at: 200 },
  ],
  deeds: [deed(1, 'start'), deed(110, 'die'), deed(111, 'start'), deed(210, 'die'), deed(211, 'start')],
  before: STANDS,
  after: STANDS,
  incidents: [
    { service: 'web', openedAt: 105, resolvedAt: 120 },
    { service: 'web', openedAt: 205, resolvedAt: 220 },
  ],
  repairs: [
    { service: 'web', startedAt: 106, endedAt: 119 },
    { service: 'web', startedAt: 206, endedAt: 219 },
  ],
};

test('nothing is held against a watchdog that healed each illness once and wrote it down', () => {
  expect(judge(WELL)).toEqual({ injected: 2, lost: [], doubled: [], unrecorded: [] });
});

test.each<[string, Partial<Evidence>, 'lost' | 'doubled' | 'unrecorded', string]>([
  ['a service that does not run any more', { after: { web: [] } }, 'lost', 'is []'],
  ['a service that nobody finds', { after: {} }, 'lost', 'is undefined'],
  [
    'a second start for one illness',
    { deeds: [...WELL.deeds, deed(215, 'die'), deed(216, 'start')] },
    'doubled',
    'was started at 211, 216',
  ],
  [
    'a third start where a repair may be undone',
    {
      deeds: [...WELL.deeds, ...[212, 214].flatMap(at => [deed(at, 'die'), deed(at, 'start')])],
      startsAllowed: { web: 2 },
    },
    'doubled',
    'was started at 211, 212, 214',
  ],
  ['two containers at a time', { deeds: [...WELL.deeds, deed(150, 'start', 'two')] }, 'doubled', '2 containers of web'],
  ['an illness without an incident', { incidents: WELL.incidents.slice(0, 1) }, 'unrecorded', 'illness of web at 200'],
  ['a start without a repair', { repairs: WELL.repairs.slice(1) }, 'unrecorded', 'web was started at 111'],
])('%s is held against it', (_, differing, verdict, sentence) => {
  const judgement = judge({ ...WELL, ...differing });

  expect(judgement[verdict].join()).toContain(sentence);
});

test('a start that follows another illness is no second one, though nobody has injected it', () => {
  const deeds = [...WELL.deeds, deed(215, 'unhealthy'), deed(216, 'die'), deed(217, 'start')];

  expect(judge({ ...WELL, deeds }).doubled).toEqual([]);
});

test('a start that the engine finished for a watchdog that had died is accounted for', () => {
  const repairs = [WELL.repairs[0], { service: 'web', startedAt: 206, endedAt: 209 }].filter(one => one !== undefined);

  expect(judge({ ...WELL, repairs }).unrecorded).toEqual([]);
});

test('an undone repair is no second one where repairs may be undone', () => {
  const deeds = [...WELL.deeds, deed(215, 'die'), deed(216, 'start')];

  expect(judge({ ...WELL, deeds, startsAllowed: { web: 2 } }).doubled).toEqual([]);
});
