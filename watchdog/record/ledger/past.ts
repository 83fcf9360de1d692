import type { Attempt, Order } from '../../domain/repair.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerFile } from './ledger-file.ts';
import type { RepairRow } from './repairs.ts';

/** The newest repair of all at the last time a person said `resume` to this service, its project or everything. */
const LAST_FORGIVEN = `
  SELECT coalesce(max(last_repair), 0) FROM resume
  WHERE resume.project = '*' OR (resume.project = repair.project AND resume.service IN ('', repair.service))`;

/**
 * People have it after something was tried. Who only heard of it before (a log told of an error while the service was still well) has
 * not seen the ladder fail: all of it is still to be climbed when the service falls ill. By number, which no clock blurs.
 */
const GIVEN_UP = `
  SELECT id FROM incident WHERE key = :key AND state <> 'resolved' AND escalated_at IS NOT NULL
    AND (SELECT min(id) FROM incident_life WHERE incident_id = incident.id AND state = 'repairing')
      < (SELECT max(id) FROM incident_life WHERE incident_id = incident.id AND state = 'escalated')`;

/**
 * What the limits count. `resume` wipes the slate: attempts before it are no longer counted. It does not unsay an
 * escalation, so `escalated` stays true and the attempt-cap gate grants one attempt, not a whole new row of them.
 */
export function pastIn(file: LedgerFile): Pick<Ledger, 'past'> {
  return {
    past: (key, since) =>
      file.read(() => ({
        attempts: file
          .rows<RepairRow>(
            `SELECT * FROM repair WHERE key = :key AND started_at >= :since AND id > (${LAST_FORGIVEN})
             ORDER BY id`,
            { key, since },
          )
          .map(attemptOf),
        escalated: file.row(GIVEN_UP, { key }) !== undefined,
      })),
  };
}

function attemptOf(row: RepairRow): Attempt {
  const order = JSON.parse(row.repair_order) as Order;
  return {
    at: row.started_at,
    endedAt: row.ended_at ?? undefined,
    outcome: row.outcome ?? undefined,
    code: row.code,
    strategy: order.strategy,
    condition: order.condition,
    replicas: order.targets.map(({ number }) => number),
  };
}
