import type { Ledger } from './ledger.ts';
import type { LedgerFile } from './ledger-file.ts';

type Memos = Pick<Ledger, 'noteFinding' | 'rememberStop' | 'forgetStop' | 'stops' | 'bookmark' | 'setBookmark'>;

/** Small things that must survive: what was seen in summary, whom a person stopped, how far the events were read. */
export function memosIn(file: LedgerFile): Memos {
  return {
    noteFinding: ({ target, kind, source, at }) =>
      file.writeOne(
        `INSERT INTO finding (project, service, kind, source, count, first_at, last_at)
         VALUES (:project, :service, :kind, :source, 1, :at, :at)
         ON CONFLICT DO UPDATE SET count = count + 1, first_at = min(first_at, :at), last_at = max(last_at, :at)`,
        { project: target.project, service: target.service, kind, source, at },
      ),

    rememberStop: (containerId, { project, service }, at) =>
      file.writeOne(
        `INSERT INTO stop (container_id, project, service, at) VALUES (:containerId, :project, :service, :at)
         ON CONFLICT DO UPDATE SET at = excluded.at`,
        { containerId, project, service, at },
      ),

    forgetStop: containerId => file.writeOne('DELETE FROM stop WHERE container_id = :containerId', { containerId }),

    stops: () =>
      file.read(() =>
        file
          .rows<{ id: string; at: number }>('SELECT container_id AS id, at FROM stop ORDER BY at, id')
          .map(({ id, at }) => ({ containerId: id, at })),
      ),

    bookmark: name =>
      file.read(() => file.row<{ at: number }>('SELECT at FROM bookmark WHERE name = :name', { name })?.at),

    setBookmark: (name, at) =>
      file.writeOne('INSERT INTO bookmark (name, at) VALUES (:name, :at) ON CONFLICT DO UPDATE SET at = excluded.at', {
        name,
        at,
      }),
  };
}
