import type {
  IncidentSum,
  RefusalSum,
  RelapseSum,
  RepairSum,
  ReportFacts,
} from '../../../watchdog/record/report/facts.ts';
import { NOON } from '../ledger/a-ledger.ts';

const WEB = { project: 'shop', service: 'web' };

export const DAY = { since: NOON - 24 * 3_600_000, until: NOON };

export const NOTHING: ReportFacts = { incidents: [], relapses: [], repairs: [], refusals: [] };

/** One unhealthy spell of `shop/web`, found after 2 s and over after 20 s, or what the test says. */
export const someIncidents = (changes: Partial<IncidentSum> = {}): IncidentSum => ({
  ...WEB,
  condition: 'unhealthy',
  opened: 1,
  open: 0,
  escalated: 0,
  detection: 2_000,
  resolved: 1,
  recovery: 20_000,
  outOfMemory: 0,
  lastOutput: null,
  lastExitCode: null,
  container: 'shop-web-1',
  ...changes,
});

export const someRepairs = (changes: Partial<RepairSum> = {}): RepairSum => ({
  ...WEB,
  condition: 'unhealthy',
  strategy: 'restart',
  outcome: 'healed',
  direction: null,
  count: 1,
  ...changes,
});

export const someRefusals = (code: string, count = 1, changes: Partial<RefusalSum> = {}): RefusalSum => ({
  ...WEB,
  code,
  count,
  ...changes,
});

export const someRelapses = (relapses: number, changes: Partial<RelapseSum> = {}): RelapseSum => ({
  ...WEB,
  relapses,
  ...changes,
});
