import type { DecisionEntry, DecisionRecord, Ledger } from './ledger.ts';
import type { LedgerFile } from './ledger-file.ts';
import { pageOf, rowIdOf } from './paging.ts';

interface DecisionRow {
  readonly id: number;
  readonly project: string;
  readonly service: string;
  readonly kind: string;
  readonly condition: string | null;
  readonly verdict: DecisionRecord['verdict'];
  readonly code: string;
  readonly because: string;
  readonly strategy: string | null;
  readonly incident_id: number | null;
  readonly first_at: number;
  readonly last_at: number;
  readonly count: number;
  readonly until: number | null;
}

type NewDecision = Omit<DecisionRow, 'id' | 'first_at' | 'last_at' | 'count'> & { readonly at: number };

/** The kind of a decision that is about no incident. */
const NO_KIND = 'none';

/** What was decided on every finding. A round that comes to the same answer again only moves a counter. */
export function decisionsIn(file: LedgerFile): Pick<Ledger, 'noteDecision' | 'decisions'> {
  return {
    noteDecision: entry =>
      file.write(() => {
        const decision = decisionOf(entry);
        const before = theOneBefore(file, decision);
        if (before && saysTheSame(before, decision)) countAgain(file, before.id, decision);
        else insert(file, decision);
      }),

    decisions: query => pageOf(file, { table: 'decision', timeColumn: 'last_at', record: recordOf }, query),
  };
}

function decisionOf({ finding, incident, incidentId, decision, at }: DecisionEntry): NewDecision {
  const order = 'order' in decision ? decision.order : undefined;
  const objection = decision.verdict === 'stand-back' ? decision.objection : undefined;
  return {
    project: finding.target.project,
    service: finding.target.service,
    kind: incident?.kind ?? NO_KIND,
    condition: incident?.condition ?? null,
    verdict: decision.verdict,
    code: objection?.code ?? decision.verdict,
    because: becauseOf(decision),
    strategy: order?.strategy ?? null,
    incident_id: incidentId === undefined ? null : rowIdOf(incidentId),
    until: objection?.until ?? null,
    at,
  };
}

function becauseOf(decision: DecisionEntry['decision']): string {
  if (decision.verdict === 'go') return decision.order.reason;
  return decision.verdict === 'stand-back' ? decision.objection.because : decision.because;
}

/** The newest one of its kind; one without an incident speaks of the whole service, so it stands between any two. */
const theOneBefore = (file: LedgerFile, { project, service, kind }: NewDecision): DecisionRow | undefined =>
  file.row<DecisionRow>(
    `SELECT * FROM decision WHERE project = :project AND service = :service
       AND (kind = :kind OR kind = '${NO_KIND}' OR :kind = '${NO_KIND}')
     ORDER BY id DESC LIMIT 1`,
    { project, service, kind },
  );

const saysTheSame = (one: DecisionRow, other: NewDecision): boolean =>
  one.kind === other.kind &&
  one.verdict === other.verdict &&
  one.code === other.code &&
  one.condition === other.condition &&
  one.incident_id === other.incident_id;

function countAgain(file: LedgerFile, id: number, { because, strategy, until, at }: NewDecision): void {
  file.run(
    `UPDATE decision SET count = count + 1, last_at = :at, because = :because, strategy = :strategy, until = :until
     WHERE id = :id`,
    { id, because, strategy, until, at },
  );
}

function insert(file: LedgerFile, decision: NewDecision): void {
  file.run(
    `INSERT INTO decision (project, service, kind, condition, verdict, code, because, strategy, incident_id, first_at, last_at, count, until)
     VALUES (:project, :service, :kind, :condition, :verdict, :code, :because, :strategy, :incident_id, :at, :at, 1, :until)`,
    { ...decision },
  );
}

const recordOf = (row: DecisionRow): DecisionRecord => ({
  id: String(row.id),
  project: row.project,
  service: row.service,
  kind: row.kind,
  condition: row.condition ?? undefined,
  verdict: row.verdict,
  code: row.code,
  because: row.because,
  strategy: row.strategy ?? undefined,
  incidentId: row.incident_id === null ? undefined : String(row.incident_id),
  firstAt: row.first_at,
  lastAt: row.last_at,
  count: row.count,
  until: row.until ?? undefined,
});
