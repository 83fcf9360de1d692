import type { DatabaseSync } from 'node:sqlite';
import { LedgerError } from './ledger.ts';

/**
 * Every change of the ledger's shape, oldest first: entry n takes a ledger from version n to n + 1 (`PRAGMA user_version`).
 * One that was released is never edited; the next change is a new entry.
 *
 * AUTOINCREMENT, because ids are handed out to people and cursors and must never come back for another row.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE finding (
    project TEXT NOT NULL, service TEXT NOT NULL, kind TEXT NOT NULL, source TEXT NOT NULL,
    count INTEGER NOT NULL, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,
    PRIMARY KEY (project, service, kind, source)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE incident (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL, project TEXT NOT NULL, service TEXT NOT NULL, incident TEXT NOT NULL,
    state TEXT NOT NULL, opened_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    escalated_at INTEGER, resolved_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX incident_open ON incident (key) WHERE state <> 'resolved';

  CREATE TABLE incident_life (
    id INTEGER PRIMARY KEY,
    incident_id INTEGER NOT NULL REFERENCES incident ON DELETE CASCADE,
    state TEXT NOT NULL, at INTEGER NOT NULL, because TEXT NOT NULL
  ) STRICT;
  CREATE INDEX incident_life_of ON incident_life (incident_id);

  CREATE TABLE decision (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL, service TEXT NOT NULL, kind TEXT NOT NULL, condition TEXT,
    verdict TEXT NOT NULL, code TEXT NOT NULL, because TEXT NOT NULL, strategy TEXT, incident_id INTEGER,
    first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, count INTEGER NOT NULL, until INTEGER
  ) STRICT;
  CREATE INDEX decision_of ON decision (project, service, id);

  CREATE TABLE repair (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incident_id INTEGER NOT NULL REFERENCES incident ON DELETE CASCADE,
    key TEXT NOT NULL, project TEXT NOT NULL, service TEXT NOT NULL, repair_order TEXT NOT NULL,
    started_at INTEGER NOT NULL, acted_at INTEGER, ended_at INTEGER, outcome TEXT, code TEXT NOT NULL, because TEXT NOT NULL
  ) STRICT;
  CREATE INDEX repair_of_key ON repair (key, started_at);
  CREATE INDEX repair_of_incident ON repair (incident_id);
  CREATE INDEX repair_by_time ON repair (started_at);
  CREATE INDEX repair_unfinished ON repair (id) WHERE ended_at IS NULL;

  CREATE TABLE repair_step (
    id INTEGER PRIMARY KEY,
    repair_id INTEGER NOT NULL REFERENCES repair ON DELETE CASCADE,
    step TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL
  ) STRICT;
  CREATE INDEX repair_step_of ON repair_step (repair_id);

  -- service '' is the whole project, project '*' is everything
  CREATE TABLE pause (
    project TEXT NOT NULL, service TEXT NOT NULL, since INTEGER NOT NULL, until INTEGER, reason TEXT NOT NULL,
    PRIMARY KEY (project, service)
  ) STRICT, WITHOUT ROWID;

  -- last_repair: the newest repair of all when the person said resume; a clock that jumps cannot blur what was before
  CREATE TABLE resume (
    project TEXT NOT NULL, service TEXT NOT NULL, at INTEGER NOT NULL, last_repair INTEGER NOT NULL,
    PRIMARY KEY (project, service)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE stop (
    container_id TEXT PRIMARY KEY, project TEXT NOT NULL, service TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE bookmark (name TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  `,
  `
  -- a message that was not tried and is due later than it was posted is held back
  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    channel TEXT NOT NULL, incident TEXT NOT NULL, body TEXT NOT NULL,
    created_at INTEGER NOT NULL, next_try_at INTEGER NOT NULL, tries INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX outbox_of_channel ON outbox (channel, id);
  CREATE INDEX outbox_of_incident ON outbox (incident);

  -- told: what people know of an incident that is not over, as JSON
  CREATE TABLE thread (incident TEXT NOT NULL UNIQUE, told TEXT NOT NULL) STRICT;
  `,
  `
  -- what a report reads: the incidents that a span touches, and the refusals in it
  CREATE INDEX incident_by_change ON incident (updated_at);
  CREATE INDEX decision_refused ON decision (last_at) WHERE verdict = 'stand-back';
  `,
  `
  -- outcome: null while it waits, then attended, refused or lapsed; it stays as what a repetition is known by
  CREATE TABLE alert_queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    fingerprint TEXT NOT NULL, status TEXT NOT NULL, starts_at INTEGER NOT NULL, ends_at INTEGER,
    source TEXT NOT NULL, heard_at INTEGER NOT NULL, outcome TEXT, alert TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX alert_queue_known ON alert_queue (fingerprint, status, starts_at);
  CREATE INDEX alert_queue_waiting ON alert_queue (id) WHERE outcome IS NULL;

  -- state: firing, resolved or lapsed
  CREATE TABLE alert_book (
    fingerprint TEXT PRIMARY KEY, project TEXT NOT NULL, service TEXT NOT NULL, source TEXT NOT NULL,
    state TEXT NOT NULL, starts_at INTEGER NOT NULL, ends_at INTEGER, heard_at INTEGER NOT NULL, alert TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX alert_book_firing ON alert_book (project, service) WHERE state = 'firing';
  `,
  `
  -- before, after: JSON, what a container gets back and what it was given instead
  CREATE TABLE throttle (
    container_id TEXT PRIMARY KEY, project TEXT NOT NULL, service TEXT NOT NULL, number INTEGER NOT NULL,
    before TEXT NOT NULL, after TEXT NOT NULL, until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- record: JSON, recommendations and changes so far of a service that is scaled, and who changed its number
  CREATE TABLE size (
    project TEXT NOT NULL, service TEXT NOT NULL, at INTEGER NOT NULL, record TEXT NOT NULL,
    PRIMARY KEY (project, service)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- a question to people; deed: the order to the letter, what: the same in words, state as in domain/approval.ts
  CREATE TABLE approval (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    incident_id INTEGER NOT NULL REFERENCES incident ON DELETE CASCADE,
    project TEXT NOT NULL, service TEXT NOT NULL, strategy TEXT NOT NULL, what TEXT NOT NULL, deed TEXT NOT NULL,
    state TEXT NOT NULL, asked_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, answered_at INTEGER, reason TEXT NOT NULL
  ) STRICT;
  CREATE INDEX approval_of_incident ON approval (incident_id);
  `,
  `
  CREATE TABLE log_position (container_id TEXT PRIMARY KEY, at TEXT NOT NULL, kept_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  -- one row for a pattern in a service until it is resolved; variants: JSON
  CREATE TABLE container_error (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    project TEXT NOT NULL, service TEXT NOT NULL, type TEXT NOT NULL, severity TEXT NOT NULL, tier TEXT NOT NULL,
    pattern TEXT NOT NULL, sample TEXT NOT NULL, variants TEXT NOT NULL, count INTEGER NOT NULL,
    first_at INTEGER NOT NULL, last_at INTEGER NOT NULL, burst_at INTEGER, resolved_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX container_error_open ON container_error (project, service, pattern) WHERE resolved_at IS NULL;
  CREATE INDEX container_error_by_time ON container_error (last_at);

  -- at: the beginning of the hour in which they were written
  CREATE TABLE container_error_hour (
    at INTEGER NOT NULL, project TEXT NOT NULL, service TEXT NOT NULL, type TEXT NOT NULL, severity TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (at, project, service, type, severity)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- all that lists of errors are asked about, without their texts
  CREATE INDEX container_error_filters ON container_error (id, project, service, type, severity, last_at, resolved_at);
  `,
];

/**
 * Brings the ledger to the newest version, all steps or none.
 *
 * @throws LedgerError when it was written by a newer watchdog than this one.
 */
export function migrate(db: DatabaseSync, place: string, migrations: readonly string[] = MIGRATIONS): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  if (version === migrations.length) return;
  if (version > migrations.length) {
    throw new LedgerError(
      `the ledger ${place} has version ${version}, this watchdog knows versions up to ${migrations.length}: ` +
        'run the newer watchdog again, or move the file away to begin a new ledger',
    );
  }
  db.exec('BEGIN IMMEDIATE');
  try {
    for (const step of migrations.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec('COMMIT');
  } catch (cause) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw cause;
  }
}
