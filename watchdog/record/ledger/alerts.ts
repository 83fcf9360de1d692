import type { Alert, AlertBook } from '../../domain/alert.ts';
import type { ReceivedAlert } from '../../domain/received-alert.ts';
import type { ServiceRef } from '../../domain/service.ts';
import { type Duration, hours, type Instant } from '../../domain/time.ts';
import { LedgerError } from './ledger.ts';
import type { LedgerFile } from './ledger-file.ts';

/** An alert that waits to be attended to. */
export interface WaitingAlert {
  /** Grows in the order of arrival. */
  readonly id: number;
  readonly alert: ReceivedAlert;
}

/** What became of an alert that waited: the book knows it with its service, or it was refused. */
export interface DoneAlert {
  readonly id: number;
  /** Undefined: refused. */
  readonly alert: Alert | undefined;
}

/** Which alerts of a delivery are news, and which were known. */
export interface Taken {
  readonly queued: readonly ReceivedAlert[];
  readonly repeated: readonly ReceivedAlert[];
}

/**
 * The alerts from outside: those that wait, and the book of what fires. In the ledger's file, so that they survive what the
 * repairs survive. Each method is one transaction and throws `LedgerError`.
 */
export interface AlertLedger extends Pick<AlertBook, 'firing'> {
  /**
   * When this returns, all of them are in the file, or none is. One that is known by fingerprint, status and beginning is a
   * repetition: it keeps its entry in the book alive and is not attended to again, unless it was refused or has lapsed.
   */
  take(alerts: readonly ReceivedAlert[], now: Instant): Taken;
  /** Oldest first. */
  waiting(limit: number): readonly WaitingAlert[];
  /** How many wait. */
  waitingNow(): number;
  /** These wait no more. What is older than its entry in the book changes nothing there. */
  done(alerts: readonly DoneAlert[]): void;
  /** What was last known of it, firing or not. */
  entry(fingerprint: string): Alert | undefined;
  /** Services about which something fires. */
  firingServices(): readonly ServiceRef[];
  /** What fires by the word of this source. */
  firingBy(source: ReceivedAlert['source']): readonly Alert[];
  /**
   * Those that fire in the book and that nobody has told of for too long: past the end they were given, or for
   * `NOT_HEARD_FOR`. They fire no more when this returns.
   */
  lapse(now: Instant): readonly Alert[];
}

/** Alertmanager tells of what still fires every `repeat_interval`, by default each 4 hours; six of them missed is no accident. */
export const NOT_HEARD_FOR: Duration = hours(24);

/** So many may wait while the engine is away; who sends more is asked to try again. */
export const WAITING_LIMIT = 20_000;

export const alertsIn = (file: LedgerFile): AlertLedger => ({ ...queueIn(file), ...bookIn(file) });

function queueIn(file: LedgerFile): Pick<AlertLedger, 'take' | 'waiting' | 'waitingNow' | 'done'> {
  return {
    take: (alerts, now) =>
      file.write(() => {
        const waiting = waitingIn(file);
        if (waiting + alerts.length > WAITING_LIMIT)
          throw new LedgerError(`${waiting} alerts wait already, and more than ${WAITING_LIMIT} are not kept`);
        const [queued, repeated]: [ReceivedAlert[], ReceivedAlert[]] = [[], []];
        for (const alert of alerts) (takeOne(file, alert, now) ? queued : repeated).push(alert);
        return { queued, repeated };
      }),

    waiting: limit =>
      file.read(() =>
        file
          .rows<{ id: number; alert: string }>(
            'SELECT id, alert FROM alert_queue WHERE outcome IS NULL ORDER BY id LIMIT :limit',
            { limit },
          )
          .map(({ id, alert }) => ({ id, alert: JSON.parse(alert) })),
      ),

    waitingNow: () => file.read(() => waitingIn(file)),

    done: alerts =>
      file.write(() => {
        for (const { id, alert } of alerts) {
          if (alert !== undefined) enter(file, id, alert);
          const outcome = alert === undefined ? 'refused' : 'attended';
          file.run("UPDATE alert_queue SET outcome = :outcome, alert = '' WHERE id = :id", { id, outcome });
        }
      }),
  };
}

const waitingIn = (file: LedgerFile): number =>
  file.row<{ n: number }>('SELECT count(*) AS n FROM alert_queue WHERE outcome IS NULL')?.n ?? 0;

function bookIn(file: LedgerFile): Pick<AlertLedger, 'firing' | 'entry' | 'firingServices' | 'firingBy' | 'lapse'> {
  return {
    firing: ({ project, service }) =>
      file.read(() =>
        file
          .rows<BookRow>(
            `SELECT alert FROM alert_book WHERE state = 'firing' AND project = :project AND service = :service
             ORDER BY starts_at, fingerprint`,
            { project, service },
          )
          .map(alertFrom),
      ),

    entry: fingerprint =>
      file.read(() => {
        const row = file.row<BookRow>('SELECT alert FROM alert_book WHERE fingerprint = :fingerprint', { fingerprint });
        return row && alertFrom(row);
      }),

    firingServices: () =>
      file.read(() =>
        file
          .rows<ServiceRef>("SELECT DISTINCT project, service FROM alert_book WHERE state = 'firing'")
          .map(({ project, service }) => ({ project, service })),
      ),

    firingBy: source =>
      file.read(() =>
        file
          .rows<BookRow>("SELECT alert FROM alert_book WHERE state = 'firing' AND source = :source", { source })
          .map(alertFrom),
      ),

    lapse: now =>
      file.write(() => {
        const lapsed = file
          .rows<BookRow>(
            `UPDATE alert_book SET state = 'lapsed'
             WHERE state = 'firing' AND coalesce(ends_at, heard_at + ${NOT_HEARD_FOR}) <= :now RETURNING alert`,
            { now },
          )
          .map(alertFrom);
        for (const { fingerprint, startsAt } of lapsed)
          file.run(
            `UPDATE alert_queue SET outcome = 'lapsed'
             WHERE fingerprint = :fingerprint AND status = 'firing' AND starts_at = :startsAt AND outcome IS NOT NULL`,
            { fingerprint, startsAt },
          );
        return lapsed;
      }),
  };
}

/** Not what still waits or fires: the next delivery, or the end of it, must find it. @returns how many rows are gone. */
export function forgetAlerts(file: LedgerFile, cutoff: Instant): number {
  file.run("DELETE FROM alert_book WHERE state <> 'firing' AND heard_at < :cutoff", { cutoff });
  return file.run(`DELETE FROM alert_queue WHERE heard_at < :cutoff AND ${FORGETTABLE_ALERT}`, { cutoff }).changes;
}

export const FORGETTABLE_ALERT = `outcome IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alert_book
  WHERE alert_book.fingerprint = alert_queue.fingerprint AND state = 'firing')`;

interface BookRow {
  readonly alert: string;
}

const alertFrom = ({ alert }: BookRow): Alert => JSON.parse(alert);

/** @returns whether it is news. */
function takeOne(file: LedgerFile, alert: ReceivedAlert, now: Instant): boolean {
  const { fingerprint, status, startsAt, source } = alert;
  const endsAt = alert.endsAt ?? null;
  const known = file.row<{ id: number; outcome: string | null }>(
    `SELECT id, outcome FROM alert_queue
     WHERE fingerprint = :fingerprint AND status = :status AND starts_at = :startsAt`,
    { fingerprint, status, startsAt },
  );
  if (known === undefined || known.outcome === 'refused' || known.outcome === 'lapsed') {
    // Under a new id: it takes its place behind those that came before.
    if (known !== undefined) file.run('DELETE FROM alert_queue WHERE id = :id', { id: known.id });
    file.run(
      `INSERT INTO alert_queue (fingerprint, status, starts_at, ends_at, source, heard_at, alert)
       VALUES (:fingerprint, :status, :startsAt, :endsAt, :source, :now, :alert)`,
      { fingerprint, status, startsAt, endsAt, source, now, alert: JSON.stringify(alert) },
    );
    return true;
  }
  file.run('UPDATE alert_queue SET heard_at = :now, ends_at = :endsAt WHERE id = :id', { id: known.id, now, endsAt });
  if (status === 'firing')
    file.run(
      `UPDATE alert_book SET heard_at = :now, ends_at = :endsAt
       WHERE fingerprint = :fingerprint AND state = 'firing' AND starts_at = :startsAt`,
      { fingerprint, startsAt, now, endsAt },
    );
  return false;
}

/** Deliveries overtake each other: of one beginning the end is the last word, and an older beginning says nothing any more. */
function enter(file: LedgerFile, id: number, alert: Alert): void {
  const { fingerprint, status, target } = alert;
  file.run(
    `INSERT INTO alert_book (fingerprint, project, service, source, state, starts_at, ends_at, heard_at, alert)
     SELECT :fingerprint, :project, :service, source, :status, starts_at, ends_at, heard_at, :alert
       FROM alert_queue WHERE id = :id
     ON CONFLICT (fingerprint) DO UPDATE SET
       project = excluded.project, service = excluded.service, source = excluded.source, state = excluded.state,
       starts_at = excluded.starts_at, ends_at = excluded.ends_at, heard_at = excluded.heard_at, alert = excluded.alert
     WHERE excluded.starts_at > alert_book.starts_at
        OR (excluded.starts_at = alert_book.starts_at AND (excluded.state = 'resolved' OR alert_book.state <> 'resolved'))`,
    { id, fingerprint, status, project: target.project, service: target.service, alert: JSON.stringify(alert) },
  );
}
