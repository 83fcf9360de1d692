import type { Allotment, ThrottleMemory } from '../../domain/throttled.ts';
import type { LedgerFile } from './ledger-file.ts';

interface Row {
  readonly containerId: string;
  readonly project: string;
  readonly service: string;
  readonly number: number;
  readonly before: string;
  readonly after: string;
  readonly until: number;
}

/** Whom we gave less for a while: a watchdog that starts again must know, or nobody gives it back. */
export const throttlesIn = (file: LedgerFile): ThrottleMemory => ({
  rememberThrottle: ({ before, after, ...throttled }) =>
    file.write(() => {
      file.run(
        `INSERT OR REPLACE INTO throttle (container_id, project, service, number, before, after, until)
         VALUES (:containerId, :project, :service, :number, :before, :after, :until)`,
        { ...throttled, before: JSON.stringify(before), after: JSON.stringify(after) },
      );
    }),

  forgetThrottle: containerId =>
    file.write(() => {
      file.run('DELETE FROM throttle WHERE container_id = :containerId', { containerId });
    }),

  throttles: () =>
    file.read(() =>
      file
        .rows<Row>(
          `SELECT container_id AS containerId, project, service, number, before, after, until
           FROM throttle ORDER BY until, container_id`,
        )
        .map(row => ({
          ...row,
          before: JSON.parse(row.before) as Allotment,
          after: JSON.parse(row.after) as Allotment,
        })),
    ),
});
