import type { Approval } from '../../domain/approval.ts';
import { type Incident, type IncidentState, keyOf } from '../../domain/incident.ts';
import { nameOf, type ServiceRef } from '../../domain/service.ts';
import { approvalsOf } from './approvals.ts';
import { type IncidentRecord, type Ledger, LedgerError, type OpenIncident } from './ledger.ts';
import type { LedgerFile } from './ledger-file.ts';
import { pageOf, rowIdOf } from './paging.ts';

interface IncidentRow {
  readonly id: number;
  readonly key: string;
  /** The whole `Incident` as JSON: it grows new facts more often than the ledger wants migrations. */
  readonly incident: string;
  readonly state: IncidentState;
  readonly opened_at: number;
  readonly updated_at: number;
  readonly escalated_at: number | null;
  readonly resolved_at: number | null;
}

type LifeRow = IncidentRecord['life'][number];

type Incidents = Pick<
  Ledger,
  | 'openIncident'
  | 'openIncidentOf'
  | 'openIncidentsOf'
  | 'servicesInTrouble'
  | 'moveIncident'
  | 'incident'
  | 'incidents'
>;

/** By the range of its keys, which the index holds: one step, where there is mostly nothing. */
const OPEN_OF_SERVICE = `
  SELECT * FROM incident INDEXED BY incident_open
  WHERE key > :from AND key < :to AND project = :project AND service = :service AND state <> 'resolved' ORDER BY key`;

/** Between these lie the keys of all kinds: `0` is what follows upon `/`. */
const keysOf = (ref: ServiceRef) => ({ from: `${nameOf(ref)}/`, to: `${nameOf(ref)}0` });

/** Services in trouble and what became of them. At most one incident of a key is open: the table holds that itself. */
export function incidentsIn(file: LedgerFile): Incidents {
  const openRow = (key: string) =>
    file.row<IncidentRow>("SELECT * FROM incident WHERE key = :key AND state <> 'resolved'", { key });
  const rowOf = (id: string) => file.row<IncidentRow>('SELECT * FROM incident WHERE id = :id', { id: rowIdOf(id) });
  const open = (row: IncidentRow) => openRecordOf(row, approvalsOf(file, row.id));
  const record = (row: IncidentRow) => ({ ...open(row), life: lifeOf(file, row.id) });

  return {
    openIncident: (incident, now) => {
      const key = keyOf(incident);
      const known = file.read(() => openRow(key));
      // Most looks find what the one before found: nothing to write, and no transaction.
      if (known && known.incident === freshOf(known, incident)) return { id: String(known.id), isNew: false };
      return file.write(() => {
        const row = openRow(key);
        if (!row) return { id: String(insert(file, incident, now)), isNew: true };
        keepUpToDate(file, row, incident, now);
        return { id: String(row.id), isNew: false };
      });
    },

    openIncidentOf: key =>
      file.read(() => {
        const row = openRow(key);
        return row && open(row);
      }),

    openIncidentsOf: ref =>
      file.read(() => {
        const { project, service } = ref;
        return file.rows<IncidentRow>(OPEN_OF_SERVICE, { project, service, ...keysOf(ref) }).map(open);
      }),

    servicesInTrouble: () =>
      file.read(() =>
        file
          .rows<ServiceRef>(
            "SELECT project, service FROM incident INDEXED BY incident_open WHERE state <> 'resolved' ORDER BY id DESC",
          )
          .map(({ project, service }) => ({ project, service })),
      ),

    moveIncident: (id, state, because, now) =>
      file.write(() => {
        const row = rowOf(id);
        if (!row) throw new LedgerError(`there is no incident ${id} in the ledger`);
        // A person may have resolved it while its repair was still being verified: resolved stays resolved.
        if (row.state !== 'resolved') move(file, row.id, state, because, now);
      }),

    incident: id =>
      file.read(() => {
        const row = rowOf(id);
        return row && record(row);
      }),

    incidents: query =>
      pageOf(file, { table: 'incident', timeColumn: 'updated_at', onlyOpen: query.open ?? false, record }, query),
  };
}

function insert(file: LedgerFile, incident: Incident, now: number): number {
  const { id } = file.run(
    `INSERT INTO incident (key, project, service, incident, state, opened_at, updated_at)
     VALUES (:key, :project, :service, :incident, 'opened', :now, :now)`,
    {
      key: keyOf(incident),
      project: incident.project,
      service: incident.service,
      incident: JSON.stringify(incident),
      now,
    },
  );
  noteLife(file, id, 'opened', incident.because, now);
  return id;
}

/** `since` stays: the trouble began when it began, whatever form it has now. */
const freshOf = (row: IncidentRow, incident: Incident): string =>
  JSON.stringify({ ...incident, since: (JSON.parse(row.incident) as Incident).since });

function keepUpToDate(file: LedgerFile, row: IncidentRow, incident: Incident, now: number): void {
  const fresh = freshOf(row, incident);
  if (fresh === row.incident) return;
  file.run('UPDATE incident SET incident = :fresh, updated_at = :now WHERE id = :id', { id: row.id, fresh, now });
}

/** `escalated_at` is when people first heard; a later attempt that was granted does not take it away. */
function move(file: LedgerFile, id: number, state: IncidentState, because: string, now: number): void {
  file.run(
    `UPDATE incident SET state = :state, updated_at = :now,
       escalated_at = CASE WHEN :state = 'escalated' THEN coalesce(escalated_at, :now) ELSE escalated_at END,
       resolved_at = CASE WHEN :state = 'resolved' THEN :now END
     WHERE id = :id`,
    { id, state, now },
  );
  noteLife(file, id, state, because, now);
}

function noteLife(file: LedgerFile, id: number, state: IncidentState, because: string, at: number): void {
  file.run('INSERT INTO incident_life (incident_id, state, at, because) VALUES (:id, :state, :at, :because)', {
    id,
    state,
    at,
    because,
  });
}

const lifeOf = (file: LedgerFile, id: number): readonly LifeRow[] =>
  file
    .rows<LifeRow>('SELECT state, at, because FROM incident_life WHERE incident_id = :id ORDER BY id', { id })
    .map(({ state, at, because }) => ({ state, at, because }));

/** Without its life, which grows for as long as it is open, and which no decision looks at. */
const openRecordOf = (row: IncidentRow, approvals: readonly Approval[]): OpenIncident => ({
  ...(JSON.parse(row.incident) as Incident),
  id: String(row.id),
  key: row.key,
  state: row.state,
  openedAt: row.opened_at,
  updatedAt: row.updated_at,
  escalatedAt: row.escalated_at ?? undefined,
  resolvedAt: row.resolved_at ?? undefined,
  approvals,
});
