import {
  type IncidentSum,
  RELAPSE,
  type RefusalSum,
  type RelapseSum,
  type RepairSum,
  type ReportFacts,
  type Span,
  WISHES,
} from '../report/facts.ts';
import type { LedgerFile } from './ledger-file.ts';

const CONDITION = "json_extract(incident, '$.condition')";
const BEGAN = "json_extract(incident, '$.since')";
const NO_WISH = `${CONDITION} NOT IN (${WISHES.map(wish => `'${wish}'`).join(', ')})`;
const inSpan = (column: string): string => `coalesce(${column} >= :since AND ${column} < :until, 0)`;

/** Two searches, for no index answers both. ALL: to find doubles SQLite would read the whole table in order. */
const IN_SIGHT = `
  SELECT id FROM incident WHERE updated_at >= :since UNION ALL SELECT id FROM incident WHERE state <> 'resolved'`;

/**
 * One row for each service and condition. What is read beside `max(id)` is that of the newest incident: SQLite takes it from the row
 * with the maximum (https://www.sqlite.org/lang_select.html#bareagg).
 */
const INCIDENTS = `
  SELECT project, service, ${CONDITION} AS condition,
    sum(${inSpan('opened_at')}) AS opened,
    sum(state <> 'resolved') AS open,
    sum(${inSpan('escalated_at')}) AS escalated,
    sum(iif(${inSpan('opened_at')}, max(0, opened_at - ${BEGAN}), 0)) AS detection,
    sum(${inSpan('resolved_at')}) AS resolved,
    sum(iif(${inSpan('resolved_at')}, max(0, resolved_at - ${BEGAN}), 0)) AS recovery,
    sum(${inSpan('opened_at')} AND coalesce(json_extract(incident, '$.evidence.oomKilled'), 0)) AS outOfMemory,
    max(id) AS newest,
    CAST(json_extract(incident, '$.evidence.probeOutput') AS TEXT) AS lastOutput,
    CAST(json_extract(incident, '$.evidence.exitCode') AS INTEGER) AS lastExitCode,
    json_extract(incident, '$.patients[0].name') AS container
  FROM incident WHERE id IN (${IN_SIGHT}) AND opened_at < :until AND ${NO_WISH}
  GROUP BY project, service, condition`;

/** An incident that ended up to an hour before the span was changed last at that time. */
const RELAPSES = `
  SELECT project, service, count(*) AS relapses FROM (
    SELECT project, service, opened_at, lag(resolved_at) OVER (PARTITION BY key ORDER BY opened_at, id) AS well_at
    FROM incident WHERE updated_at >= :since - ${RELAPSE} AND ${NO_WISH}
  ) WHERE ${inSpan('opened_at')} AND opened_at - well_at < ${RELAPSE}
  GROUP BY project, service`;

/** Of a change of size, which is written down as a repair: from as many replicas to as many. */
const DIRECTION = `CASE WHEN json_extract(repair_order, '$.condition') = 'mis-sized' THEN
    iif(json_extract(repair_order, '$.with.replicas') > json_extract(repair_order, '$.with.from'), 'up', 'down') END`;

const REPAIRS = `
  SELECT project, service, json_extract(repair_order, '$.condition') AS condition,
    json_extract(repair_order, '$.strategy') AS strategy, outcome, ${DIRECTION} AS direction, count(*) AS count
  FROM repair WHERE started_at >= :since AND started_at < :until
  GROUP BY project, service, condition, strategy, outcome, direction`;

const REFUSALS = `
  SELECT project, service, code, count(*) AS count
  FROM decision WHERE verdict = 'stand-back' AND last_at >= :since AND first_at < :until
  GROUP BY project, service, code`;

/** Each over the rows of the span only, whatever else is in the ledger. */
export const STATEMENTS: Readonly<Record<keyof ReportFacts, string>> = {
  incidents: INCIDENTS,
  relapses: RELAPSES,
  repairs: REPAIRS,
  refusals: REFUSALS,
};

/** Adds up what happened in the span. Throws `LedgerError`. */
export function reportFactsIn(file: LedgerFile, { since, until }: Span): ReportFacts {
  const span = { since, until };
  return file.read(() => ({
    incidents: file.rows<IncidentSum>(STATEMENTS.incidents, span),
    relapses: file.rows<RelapseSum>(STATEMENTS.relapses, span),
    repairs: file.rows<RepairSum>(STATEMENTS.repairs, span),
    refusals: file.rows<RefusalSum>(STATEMENTS.refusals, span),
  }));
}
