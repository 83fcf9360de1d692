import type { Figures, Report, ServiceReport } from '../../domain/report.ts';
import { nameOf, type ServiceRef } from '../../domain/service.ts';
import { type RefusalSum, type RepairSum, type ReportFacts, type ServiceFacts, type Span, sum } from './facts.ts';
import { recommendationsFrom } from './recommendations.ts';

/** More than anybody reads; a machine on which every build is a project of its own has thousands. */
const LISTED = 100;
const FLAPPING = 3;

/**
 * The report of what the ledger's rows say. Pure.
 * @param unchecked services that run without a health check, as far as anybody has looked
 */
export function reportFrom(facts: ReportFacts, { since, until }: Span, unchecked: readonly ServiceRef[]): Report {
  const services = byService(facts);
  const reports = services.map(reportOf).sort(worstFirst);
  return {
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    total: figuresOf(facts),
    services: reports.slice(0, LISTED),
    unlisted: Math.max(0, reports.length - LISTED),
    recommendations: recommendationsFrom({ services, unchecked, length: until - since }),
  };
}

function byService(facts: ReportFacts): ServiceFacts[] {
  const services = new Map<string, ServiceFacts>();
  const of = ({ project, service }: ServiceRef): ServiceFacts => {
    const name = nameOf({ project, service });
    const known = services.get(name);
    if (known !== undefined) return known;
    const fresh = { project, service, incidents: [], relapses: [], repairs: [], refusals: [] };
    services.set(name, fresh);
    return fresh;
  };
  for (const row of facts.incidents) of(row).incidents.push(row);
  for (const row of facts.relapses) of(row).relapses.push(row);
  for (const row of facts.repairs) of(row).repairs.push(row);
  for (const row of facts.refusals) of(row).refusals.push(row);
  return [...services.values()];
}

function reportOf(facts: ServiceFacts): ServiceReport {
  const figures = figuresOf(facts);
  const { project, service } = facts;
  return { project, service, ...figures, flapping: figures.relapses >= FLAPPING };
}

function figuresOf({ incidents, relapses, repairs: begun, refusals }: ReportFacts): Figures {
  const repairs = begun.filter(({ direction }) => direction === null);
  const opened = sum(incidents, row => row.opened);
  const ended = repairs.filter(({ outcome }) => outcome !== null);
  const healed = sum(ended, row => (row.outcome === 'healed' ? row.count : 0));
  const endings = sum(ended, row => row.count);
  return {
    incidents: opened,
    open: sum(incidents, row => row.open),
    escalated: sum(incidents, row => row.escalated),
    repairs: sum(repairs, row => row.count),
    healed,
    failed: endings - healed,
    success: ratio(healed, endings),
    detectedSeconds: mean(incidents, row => row.detection, opened),
    recoveredSeconds: mean(
      incidents,
      row => row.recovery,
      sum(incidents, row => row.resolved),
    ),
    refused: countsOf(refusals),
    relapses: sum(relapses, row => row.relapses),
    ...scalingOf(begun),
  };
}

/** One that is under way or did not get there has not changed the size yet. */
function scalingOf(begun: readonly RepairSum[]): Pick<Figures, 'scaledUp' | 'scaledDown' | 'scalingFailed'> {
  const times = (counts: (row: RepairSum) => boolean) => sum(begun.filter(counts), row => row.count);
  return {
    scaledUp: times(({ direction, outcome }) => direction === 'up' && outcome === 'healed'),
    scaledDown: times(({ direction, outcome }) => direction === 'down' && outcome === 'healed'),
    scalingFailed: times(({ direction, outcome }) => direction !== null && outcome !== null && outcome !== 'healed'),
  };
}

/** By code, most frequent first. */
function countsOf(refusals: readonly RefusalSum[]): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const { code, count } of refusals) counts.set(code, (counts.get(code) ?? 0) + count);
  return Object.fromEntries([...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b)));
}

const worstFirst = (a: ServiceReport, b: ServiceReport): number =>
  b.open - a.open ||
  b.repairs - a.repairs ||
  b.incidents - a.incidents ||
  refusalsOf(b) - refusalsOf(a) ||
  nameOf(a).localeCompare(nameOf(b));

const refusalsOf = ({ refused }: Figures): number => sum(Object.values(refused), count => count);

/** In seconds, to the millisecond. */
const mean = <T>(rows: readonly T[], milliseconds: (row: T) => number, count: number): number | undefined =>
  count === 0 ? undefined : Math.round(sum(rows, milliseconds) / count) / 1_000;

const ratio = (part: number, whole: number): number | undefined =>
  whole === 0 ? undefined : Math.round((part / whole) * 1_000) / 1_000;
