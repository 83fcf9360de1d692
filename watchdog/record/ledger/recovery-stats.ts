import type { Condition } from '../../domain/condition.ts';
import type { RecoveryFigures, RecoverySpan, RecoveryStats, TroubleTimes } from '../../domain/recovery.ts';
import type { Duration } from '../../domain/time.ts';
import { type IncidentSum, sum } from '../report/facts.ts';
import type { LedgerFile } from './ledger-file.ts';
import { STATEMENTS } from './report-facts.ts';

/** A clock that was set back makes no time negative. */
export const RECOVERIES = `
  SELECT json_extract(repair_order, '$.condition') AS type, json_extract(repair_order, '$.strategy') AS strategy,
    count(*) AS repairs, count(ended_at) AS ended, coalesce(sum(outcome = 'healed'), 0) AS healed,
    count(acted_at) AS acted, coalesce(sum(max(0, acted_at - started_at)), 0) AS acting,
    sum(iif(outcome = 'healed', max(0, ended_at - started_at), 0)) AS healing
  FROM repair
  WHERE started_at >= :since AND started_at < :until AND key NOT LIKE '%/mis-sized'
    AND (:project IS NULL OR project = :project) AND (:service IS NULL OR service = :service)
  GROUP BY type, strategy`;

interface RecoverySum {
  readonly type: Condition;
  readonly strategy: string;
  readonly repairs: number;
  readonly ended: number;
  readonly healed: number;
  /** Of how many the engine had done what was asked of it, and how long all of them took together. */
  readonly acted: number;
  readonly acting: Duration;
  /** Those that healed, together. */
  readonly healing: Duration;
}

/** Adds up what became of repairs. Throws `LedgerError`. */
export function recoveryStatsIn(file: LedgerFile, { since, until, project, service }: RecoverySpan): RecoveryStats {
  const { rows, troubles } = file.read(() => ({
    rows: file.rows<RecoverySum>(RECOVERIES, { since, until, project: project ?? null, service: service ?? null }),
    troubles: file
      .rows<IncidentSum>(STATEMENTS.incidents, { since, until })
      .filter(each => (project ?? each.project) === each.project && (service ?? each.service) === each.service),
  }));
  const types = new Set([...rows.map(({ type }) => type), ...troubles.map(({ condition }) => condition)]);
  return {
    since,
    until,
    total: figuresOf(rows),
    types: [...types]
      .map(type => ({
        type,
        ...figuresOf(rows.filter(row => row.type === type)),
        ...timesOf(troubles.filter(({ condition }) => condition === type)),
      }))
      .sort((a, b) => b.repairs - a.repairs || b.incidents - a.incidents),
    strategies: [...Map.groupBy(rows, row => row.strategy)]
      .map(([strategy, group]) => ({ strategy, ...figuresOf(group) }))
      .sort(mostFirst),
    pairs: rows.map(row => ({ type: row.type, strategy: row.strategy, ...figuresOf([row]) })).sort(mostFirst),
  };
}

const mostFirst = (a: RecoveryFigures, b: RecoveryFigures): number => b.repairs - a.repairs;

function figuresOf(rows: readonly RecoverySum[]): RecoveryFigures {
  const repairs = sum(rows, row => row.repairs);
  const ended = sum(rows, row => row.ended);
  const healed = sum(rows, row => row.healed);
  return {
    repairs,
    underWay: repairs - ended,
    healed,
    failed: ended - healed,
    success: ended === 0 ? undefined : Math.round((healed / ended) * 1_000) / 1_000,
    actSeconds: mean(
      sum(rows, row => row.acting),
      sum(rows, row => row.acted),
    ),
    healSeconds: mean(
      sum(rows, row => row.healing),
      healed,
    ),
  };
}

function timesOf(troubles: readonly IncidentSum[]): TroubleTimes {
  const incidents = sum(troubles, row => row.opened);
  return {
    incidents,
    detectedSeconds: mean(
      sum(troubles, row => row.detection),
      incidents,
    ),
    recoveredSeconds: mean(
      sum(troubles, row => row.recovery),
      sum(troubles, row => row.resolved),
    ),
  };
}

/** In seconds, to the millisecond. */
const mean = (together: Duration, count: number): number | undefined =>
  count === 0 ? undefined : Math.round(together / count) / 1_000;
