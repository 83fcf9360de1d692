import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { DecisionEntry } from '../../../watchdog/record/ledger/ledger.ts';
import { aFinding, anIncident, anOrder, aPlace, aRefusal, NOON, type Place } from './a-ledger.ts';

let place: Place;
beforeEach(() => {
  place = aPlace();
});
afterEach(() => place.remove());

const decisionsAfter = (...entries: readonly DecisionEntry[]) => {
  const { ledger } = place.open();
  for (const entry of entries) ledger.noteDecision(entry);
  return ledger.decisions({ limit: 100 }).items;
};

const refusal = (code: 'cooldown' | 'backoff', changes: Partial<DecisionEntry> = {}): DecisionEntry =>
  aRefusal({
    decision: {
      verdict: 'stand-back',
      order: undefined,
      objection: { code, because: 'not now', until: undefined, tell: false },
    },
    ...changes,
  });

const well = (at: number): DecisionEntry =>
  aRefusal({ incident: undefined, incidentId: undefined, decision: { verdict: 'well', because: 'healthy' }, at });

test('a refusal is kept with its code, its sentence and what would have been done', () => {
  expect(decisionsAfter(aRefusal())).toEqual([
    {
      id: '1',
      project: 'shop',
      service: 'web',
      kind: 'ailing',
      condition: 'unhealthy',
      verdict: 'stand-back',
      code: 'cooldown',
      because: 'repaired a moment ago',
      strategy: 'restart',
      incidentId: '1',
      firstAt: NOON,
      lastAt: NOON,
      count: 1,
      until: NOON + 60_000,
    },
  ]);
});

test('a go is kept with the reason of its order', () => {
  const entry = aRefusal({ decision: { verdict: 'go', order: anOrder() } });

  expect(decisionsAfter(entry)).toMatchObject([
    { verdict: 'go', code: 'go', because: 'unhealthy for 10s', strategy: 'restart', until: undefined },
  ]);
});

test('a finding that leads nowhere is kept as well', () => {
  expect(decisionsAfter(well(NOON))).toMatchObject([
    { verdict: 'well', code: 'well', kind: 'none', condition: undefined, incidentId: undefined },
  ]);
});

test('the same answer again only moves the counter and the newest words', () => {
  const later: DecisionEntry = aRefusal({
    at: NOON + 30_000,
    decision: {
      verdict: 'stand-back',
      order: anOrder(),
      objection: { code: 'cooldown', because: 'repaired 30s ago', until: NOON + 90_000, tell: false },
    },
  });

  expect(decisionsAfter(aRefusal(), later)).toMatchObject([
    { count: 2, firstAt: NOON, lastAt: NOON + 30_000, because: 'repaired 30s ago', until: NOON + 90_000 },
  ]);
});

test.each<[string, DecisionEntry]>([
  ['another code', refusal('backoff')],
  ['another condition', refusal('cooldown', { incident: anIncident({ condition: 'exited' }) })],
  ['another kind', refusal('cooldown', { incident: anIncident({ kind: 'starved' }) })],
  ['another incident', refusal('cooldown', { incidentId: '2' })],
  ['another service', refusal('cooldown', { finding: aFinding({ target: { project: 'shop', service: 'db' } }) })],
])('%s is another decision', (_what, other) => {
  expect(decisionsAfter(refusal('cooldown'), other)).toHaveLength(2);
});

test('an answer that comes back after another one is told anew', () => {
  const codes = decisionsAfter(refusal('cooldown'), refusal('backoff'), refusal('cooldown')).map(({ code }) => code);

  expect(codes).toEqual(['cooldown', 'backoff', 'cooldown']);
});

test('a service that was well in between is refused anew', () => {
  expect(decisionsAfter(refusal('cooldown'), well(NOON + 1), refusal('cooldown'))).toHaveLength(3);
});

test('two kinds of trouble that take turns do not fill the ledger', () => {
  const starved = refusal('cooldown', { incident: anIncident({ kind: 'starved' }) });

  const kept = decisionsAfter(refusal('cooldown'), starved, refusal('cooldown'), starved);

  expect(kept.map(({ kind, count }) => [kind, count])).toEqual([
    ['starved', 2],
    ['ailing', 2],
  ]);
});
