import { type Approval, deedOf } from '../../domain/approval.ts';
import type { Order } from '../../domain/repair.ts';
import { type Ledger, LedgerError } from './ledger.ts';
import type { LedgerFile } from './ledger-file.ts';
import { rowIdOf } from './paging.ts';

interface ApprovalRow {
  readonly id: number;
  readonly incident_id: number;
  readonly project: string;
  readonly service: string;
  readonly strategy: string;
  readonly what: string;
  readonly deed: string;
  readonly state: Approval['state'];
  readonly asked_at: number;
  readonly expires_at: number;
  readonly answered_at: number | null;
  readonly reason: string;
}

/** What people were asked, and what they said. */
export function approvalsIn(file: LedgerFile): Pick<Ledger, 'askApproval' | 'answerApproval'> {
  return {
    askApproval: (order, incidentId, what, expiresAt, now) =>
      file.write(() => {
        const { project, service, strategy } = order;
        const { id } = file.run(
          `INSERT INTO approval (incident_id, project, service, strategy, what, deed, state, asked_at, expires_at, reason)
           VALUES (:incident, :project, :service, :strategy, :what, :deed, 'waiting', :now, :expiresAt, '')`,
          { incident: rowIdOf(incidentId), project, service, strategy, what, deed: deedOf(order), now, expiresAt },
        );
        const asked = approvalsOf(file, rowIdOf(incidentId)).find(approval => approval.id === String(id));
        if (asked === undefined) throw new LedgerError(`question ${id} is not in the ledger`);
        return asked;
      }),

    answerApproval: (id, answer, reason, expiresAt, now) =>
      file.write(() => {
        const { changes } = file.run(
          `UPDATE approval SET state = :answer, reason = :reason, answered_at = :now, expires_at = :expiresAt
           WHERE id = :id AND state = 'waiting' AND expires_at > :now`,
          { id: rowIdOf(id), answer, reason, now, expiresAt },
        );
        return changes > 0;
      }),
  };
}

/** Inside the transaction that begins the repair: no crash leaves a repair beside a yes that could be used again. */
export function spendYes(file: LedgerFile, order: Order, incidentId: string): void {
  file.run("UPDATE approval SET state = 'used' WHERE incident_id = :incident AND deed = :deed AND state = 'granted'", {
    incident: rowIdOf(incidentId),
    deed: deedOf(order),
  });
}

/** What was refused or not answered in time may be asked anew. `service` empty: of the whole project. */
export function withdrawOld(
  file: LedgerFile,
  target: { readonly project: string; readonly service: string },
  now: number,
): void {
  file.run(
    `UPDATE approval SET state = 'withdrawn'
     WHERE (state = 'refused' OR (state = 'waiting' AND expires_at <= :now))
       AND :project IN ('*', project) AND :service IN ('', service)`,
    { ...target, now },
  );
}

/** Oldest first. */
export const approvalsOf = (file: LedgerFile, incident: number | bigint | string): readonly Approval[] =>
  file.rows<ApprovalRow>('SELECT * FROM approval WHERE incident_id = :incident ORDER BY id', { incident }).map(row => ({
    id: String(row.id),
    incidentId: String(row.incident_id),
    project: row.project,
    service: row.service,
    strategy: row.strategy,
    what: row.what,
    deed: row.deed,
    state: row.state,
    askedAt: row.asked_at,
    expiresAt: row.expires_at,
    answeredAt: row.answered_at ?? undefined,
    reason: row.reason,
  }));
