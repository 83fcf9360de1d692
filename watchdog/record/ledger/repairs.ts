import { keyOf } from '../../domain/incident.ts';
import type { JournalStep, Order, Outcome } from '../../domain/repair.ts';
import { spendYes } from './approvals.ts';
import { type Ledger, LedgerError, type RepairRecord } from './ledger.ts';
import type { LedgerFile } from './ledger-file.ts';
import { pageOf, rowIdOf } from './paging.ts';
import { recoveryStatsIn } from './recovery-stats.ts';

export interface RepairRow {
  readonly id: number;
  readonly incident_id: number;
  readonly repair_order: string;
  readonly started_at: number;
  readonly acted_at: number | null;
  readonly ended_at: number | null;
  readonly outcome: Outcome | null;
  readonly code: string;
  readonly because: string;
}

interface StepRow {
  readonly id: number;
  readonly step: string;
  readonly at: number;
  readonly data: string;
}

type Repairs = Pick<
  Ledger,
  | 'beginRepair'
  | 'noteStep'
  | 'noteActed'
  | 'endRepair'
  | 'unfinishedRepairs'
  | 'repairs'
  | 'recoveries'
  | 'recoveryStats'
  | 'repair'
  | 'repairsSince'
>;

/** What was done, step by step: written before it is done, so that a crash leaves no step untold. */
export function repairsIn(file: LedgerFile): Repairs {
  const record = (row: RepairRow) => recordOf(row, stepsOf(file, row.id));
  return {
    ...journalIn(file),

    unfinishedRepairs: () =>
      file.read(() => file.rows<RepairRow>('SELECT * FROM repair WHERE ended_at IS NULL ORDER BY id').map(record)),

    repairs: query => pageOf(file, { table: 'repair', timeColumn: 'started_at', record }, query),

    recoveries: query => pageOf(file, { table: 'repair', timeColumn: 'started_at', noSizes: true, record }, query),

    recoveryStats: span => recoveryStatsIn(file, span),

    repair: id =>
      file.read(() => {
        const row = file.row<RepairRow>('SELECT * FROM repair WHERE id = :id', { id: rowIdOf(id) });
        return row && record(row);
      }),

    repairsSince: since =>
      file.read(() =>
        file
          .rows<{ at: number }>(
            "SELECT started_at AS at FROM repair WHERE started_at >= :since AND key NOT LIKE '%/mis-sized' ORDER BY started_at",
            {
              since,
            },
          )
          .map(({ at }) => at),
      ),
  };
}

function journalIn(file: LedgerFile): Pick<Ledger, 'beginRepair' | 'noteStep' | 'noteActed' | 'endRepair'> {
  return {
    beginRepair: (order, incidentId, now) =>
      file.write(() => {
        const { id } = file.run(
          `INSERT INTO repair (incident_id, key, project, service, repair_order, started_at, code, because)
           VALUES (:incident, :key, :project, :service, :order, :now, '', '')`,
          {
            incident: rowIdOf(incidentId),
            key: keyOf(order),
            project: order.project,
            service: order.service,
            order: JSON.stringify(order),
            now,
          },
        );
        spendYes(file, order, incidentId);
        return String(id);
      }),

    noteStep: (repairId, step, data, now) =>
      file.write(() => {
        requireUnderWay(file, repairId);
        file.run('INSERT INTO repair_step (repair_id, step, at, data) VALUES (:id, :step, :now, :data)', {
          id: rowIdOf(repairId),
          step,
          now,
          data: JSON.stringify(data),
        });
      }),

    noteActed: (repairId, now) =>
      file.write(() => {
        requireUnderWay(file, repairId);
        file.run('UPDATE repair SET acted_at = :now WHERE id = :id', { id: rowIdOf(repairId), now });
      }),

    endRepair: (repairId, outcome, code, because, now) =>
      file.write(() => {
        requireUnderWay(file, repairId);
        file.run(
          'UPDATE repair SET ended_at = :now, outcome = :outcome, code = :code, because = :because WHERE id = :id',
          { id: rowIdOf(repairId), outcome, code, because, now },
        );
        dropBlueprints(file, rowIdOf(repairId));
      }),
  };
}

function requireUnderWay(file: LedgerFile, repairId: string): void {
  const row = file.row('SELECT id FROM repair WHERE id = :id AND ended_at IS NULL', { id: rowIdOf(repairId) });
  if (!row) throw new LedgerError(`repair ${repairId} is not under way in the ledger`);
}

/**
 * A step holds what is needed to finish or undo it: whole containers with their environment, passwords included. Once the
 * repair has ended only the short facts stay (ids, names), for people.
 */
function dropBlueprints(file: LedgerFile, repair: number): void {
  for (const { id, data } of stepRowsOf(file, repair)) {
    const facts = Object.entries(JSON.parse(data) as JournalStep['data']).filter(
      ([, value]) => typeof value !== 'object',
    );
    file.run('UPDATE repair_step SET data = :data WHERE id = :id', {
      id,
      data: JSON.stringify(Object.fromEntries(facts)),
    });
  }
}

const stepRowsOf = (file: LedgerFile, repair: number): readonly StepRow[] =>
  file.rows<StepRow>('SELECT id, step, at, data FROM repair_step WHERE repair_id = :repair ORDER BY id', { repair });

const stepsOf = (file: LedgerFile, repair: number): readonly JournalStep[] =>
  stepRowsOf(file, repair).map(({ step, at, data }) => ({ step, at, data: JSON.parse(data) as JournalStep['data'] }));

function recordOf(row: RepairRow, steps: readonly JournalStep[]): RepairRecord {
  const order = JSON.parse(row.repair_order) as Order;
  return {
    id: String(row.id),
    project: order.project,
    service: order.service,
    incidentId: String(row.incident_id),
    order,
    startedAt: row.started_at,
    actedAt: row.acted_at ?? undefined,
    endedAt: row.ended_at ?? undefined,
    outcome: row.outcome ?? undefined,
    code: row.code,
    because: row.because,
    steps,
  };
}
