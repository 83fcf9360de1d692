import type { News } from '../../watchdog/domain/news.ts';
import { aFinding, anIncident, anOrder, NOON } from './ledger/a-ledger.ts';

type NewsOf<Type extends News['type']> = Extract<News, { type: Type }>;

export const anOpening = (changes: Partial<NewsOf<'incident-opened'>> = {}): News => ({
  type: 'incident-opened',
  at: NOON,
  incident: anIncident(),
  incidentId: '7',
  detectedAfter: 1_500,
  ...changes,
});

export const anEscalation = (): News => ({
  type: 'incident-escalated',
  at: NOON,
  incident: anIncident(),
  incidentId: '7',
  code: 'attempt-cap',
  because: '3 attempts did not help',
});

export const aResolution = (changes: Partial<NewsOf<'incident-resolved'>> = {}): News => ({
  type: 'incident-resolved',
  at: NOON,
  ref: { project: 'shop', service: 'web' },
  incident: anIncident(),
  incidentId: '7',
  because: 'healthy for 10s',
  openFor: 20_000,
  recoveredAfter: 25_000,
  ...changes,
});

export const aBeginning = (): News => ({
  type: 'repair-began',
  at: NOON,
  order: anOrder(),
  repairId: '3',
  incidentId: '7',
});

export const anEnd = (changes: Partial<NewsOf<'repair-ended'>> = {}): News => ({
  type: 'repair-ended',
  at: NOON,
  order: anOrder(),
  repairId: '3',
  incidentId: '7',
  outcome: 'healed',
  code: 'proven',
  because: 'healthy for 10s',
  took: 12_000,
  ...changes,
});

export const aGo = (): News => ({
  type: 'decided',
  at: NOON,
  finding: aFinding(),
  incident: anIncident(),
  incidentId: '7',
  decision: { verdict: 'go', order: anOrder() },
});

export const aStandBack = (code: 'cooldown' | 'opt-out' = 'cooldown'): News => ({
  type: 'decided',
  at: NOON,
  finding: aFinding(),
  incident: anIncident(),
  incidentId: '7',
  decision: {
    verdict: 'stand-back',
    order: anOrder(),
    objection: { code, because: 'not now', until: undefined, tell: false },
  },
});

export const aVerdict = (verdict: 'well' | 'nothing-wrong' | 'error'): News => ({
  type: 'decided',
  at: NOON,
  finding: aFinding(),
  incident: undefined,
  incidentId: undefined,
  decision: { verdict, because: 'so it is' },
});
