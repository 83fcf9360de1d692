import { DatabaseSync } from 'node:sqlite';
import type { DecisionRecord, IncidentRecord, RepairRecord } from '../../watchdog/domain/records.ts';
import { ledgerPath } from '../../watchdog/record/ledger/open-ledger.ts';

export type IncidentRow = Pick<IncidentRecord, 'service' | 'state' | 'openedAt'> & {
  readonly resolvedAt: number | null;
};
export type RepairRow = Pick<RepairRecord, 'service' | 'startedAt'> & {
  readonly endedAt: number | null;
  readonly outcome: string | null;
};
export type DecisionRow = Pick<DecisionRecord, 'service' | 'verdict' | 'code'>;

/** What the ledger says of a project, oldest first. */
export interface Records {
  readonly incidents: readonly IncidentRow[];
  readonly repairs: readonly RepairRow[];
  readonly decisions: readonly DecisionRow[];
}

/** Read from the file itself, with no help of the product's, which would mend or replace a file that it does not like. */
export function recordsIn(dataFolder: string, project: string): Records {
  const db = new DatabaseSync(ledgerPath(dataFolder), { readOnly: true, timeout: 5_000 });
  const rows = <Row>(columns: string, table: string) =>
    db.prepare(`SELECT ${columns} FROM ${table} WHERE project = ? ORDER BY id`).all(project) as Row[];
  try {
    return {
      incidents: rows('service, state, opened_at AS openedAt, resolved_at AS resolvedAt', 'incident'),
      repairs: rows('service, started_at AS startedAt, ended_at AS endedAt, outcome', 'repair'),
      decisions: rows('service, verdict, code', 'decision'),
    };
  } finally {
    db.close();
  }
}
