import { hours, type Instant } from '../../domain/time.ts';
import { FORGETTABLE_ALERT, forgetAlerts } from './alerts.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerFile } from './ledger-file.ts';

/**
 * Younger repairs stay whatever the limits say: the attempt cap, cooldown and storm gates count them, and a ledger that
 * forgot them would let a broken service be restarted for ever.
 */
const COUNTED = 7 * hours(24);

const FORGETTABLE_REPAIR = 'ended_at IS NOT NULL AND started_at < :counted';
const FORGETTABLE_INCIDENT = `state = 'resolved' AND NOT EXISTS
  (SELECT 1 FROM repair WHERE repair.incident_id = incident.id AND NOT (${FORGETTABLE_REPAIR}))`;

/** Deletes by age, then by size, oldest first. Never open incidents, repairs under way or pauses that hold. */
export function retentionOf(file: LedgerFile): Pick<Ledger, 'forget'> {
  return {
    forget: (keep, maxBytes, now) => {
      const counted = now - COUNTED;
      let deleted = file.write(() => deleteBefore(file, now - keep, counted));
      while (file.read(() => file.bytesInUse()) > maxBytes) {
        const cutoff = file.read(() => endOfOldestTenth(file, counted));
        if (cutoff === undefined) break;
        deleted += file.write(() => deleteBefore(file, cutoff, counted));
      }
      // Also where nothing was deleted: what is in the database is on the disk, and no damage of the write-ahead log costs it.
      file.read(() => file.shrink());
      return deleted;
    },
  };
}

/** @returns how many findings, decisions, repairs, incidents and alerts are gone. */
function deleteBefore(file: LedgerFile, cutoff: Instant, counted: Instant): number {
  file.run('DELETE FROM pause WHERE until < :cutoff', { cutoff });
  // A resume hides the repairs before it: it may go when they have gone.
  file.run('DELETE FROM resume WHERE at < :at', { at: Math.min(cutoff, counted) });
  return [
    file.run('DELETE FROM finding WHERE last_at < :cutoff', { cutoff }),
    file.run('DELETE FROM decision WHERE last_at < :cutoff', { cutoff }),
    file.run(`DELETE FROM repair WHERE started_at < :cutoff AND ${FORGETTABLE_REPAIR}`, { cutoff, counted }),
    file.run(`DELETE FROM incident WHERE updated_at < :cutoff AND ${FORGETTABLE_INCIDENT}`, { cutoff, counted }),
    file.run('DELETE FROM size WHERE at < :cutoff', { cutoff }),
    file.run('DELETE FROM container_error WHERE last_at < :cutoff', { cutoff }),
    file.run('DELETE FROM container_error_hour WHERE at < :cutoff', { cutoff }),
    file.run('DELETE FROM log_position WHERE kept_at < :cutoff', { cutoff }),
    { changes: forgetAlerts(file, cutoff) },
  ].reduce((sum, { changes }) => sum + changes, 0);
}

/** Undefined when nothing is left that may go. A tenth at a time: few passes over the tables, and not much more than needed goes. */
function endOfOldestTenth(file: LedgerFile, counted: Instant): Instant | undefined {
  const times = `
    SELECT last_at AS at FROM decision
    UNION ALL SELECT started_at FROM repair WHERE ${FORGETTABLE_REPAIR}
    UNION ALL SELECT updated_at FROM incident WHERE ${FORGETTABLE_INCIDENT}
    UNION ALL SELECT last_at FROM container_error
    UNION ALL SELECT heard_at FROM alert_queue WHERE ${FORGETTABLE_ALERT}`;
  const row = file.row<{ at: number }>(
    `SELECT at FROM (${times}) ORDER BY at LIMIT 1 OFFSET (SELECT count(*) / 10 FROM (${times}))`,
    { counted },
  );
  return row && row.at + 1;
}
