import { withdrawOld } from './approvals.ts';
import type { Ledger, PauseTarget } from './ledger.ts';
import type { LedgerFile } from './ledger-file.ts';

interface PauseRow {
  readonly project: string;
  readonly service: string;
  readonly since: number;
  readonly until: number | null;
  readonly reason: string;
}

/** How the whole project is written in a column that is part of a key. */
const WHOLE_PROJECT = '';

/** What people said: leave it alone, go on, I stopped this one myself. */
export function pausesIn(file: LedgerFile): Pick<Ledger, 'pause' | 'resume' | 'pauses'> {
  return {
    pause: (target, until, reason, now) =>
      file.write(() => {
        file.run(
          `INSERT INTO pause (project, service, since, until, reason) VALUES (:project, :service, :now, :until, :reason)
           ON CONFLICT DO UPDATE SET since = excluded.since, until = excluded.until, reason = excluded.reason`,
          { ...columnsOf(target), now, until: until ?? null, reason },
        );
      }),

    resume: (target, now) =>
      file.write(() => {
        const wasPaused = endPause(file, target, now);
        const wasEscalated = anyEscalated(file, target);
        file.run(
          `INSERT INTO resume (project, service, at, last_repair)
           VALUES (:project, :service, :now, (SELECT coalesce(max(id), 0) FROM repair))
           ON CONFLICT DO UPDATE SET at = excluded.at, last_repair = excluded.last_repair`,
          { ...columnsOf(target), now },
        );
        withdrawOld(file, columnsOf(target), now);
        return wasPaused || wasEscalated;
      }),

    pauses: now =>
      file.read(() =>
        file
          .rows<PauseRow>('SELECT * FROM pause WHERE until IS NULL OR until > :now ORDER BY since', { now })
          .map(({ project, service, since, until, reason }) => ({
            project,
            service: service === WHOLE_PROJECT ? undefined : service,
            since,
            until: until ?? undefined,
            reason,
          })),
      ),
  };
}

const columnsOf = ({ project, service }: PauseTarget) => ({ project, service: service ?? WHOLE_PROJECT });

/** Exactly this target's own pause: a service that was paused for its own reason stays so when its project goes on. */
function endPause(file: LedgerFile, target: PauseTarget, now: number): boolean {
  const row = file.row<{ until: number | null }>(
    'SELECT until FROM pause WHERE project = :project AND service = :service',
    columnsOf(target),
  );
  file.run('DELETE FROM pause WHERE project = :project AND service = :service', columnsOf(target));
  return row !== undefined && (row.until === null || row.until > now);
}

const anyEscalated = (file: LedgerFile, target: PauseTarget): boolean =>
  file.row(
    `SELECT id FROM incident WHERE state <> 'resolved' AND escalated_at IS NOT NULL
       AND :project IN ('*', project) AND :service IN ('${WHOLE_PROJECT}', service) LIMIT 1`,
    columnsOf(target),
  ) !== undefined;
