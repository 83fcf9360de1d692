import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Logger } from '../../adapters/logger.ts';
import { findDamage, keepLog } from './damaged-log.ts';
import { type LedgerDamage, LedgerError } from './ledger.ts';
import { migrate } from './migrations.ts';
import { setAside } from './set-aside.ts';
import { DamageFound, explained, isDamage, isFull } from './sqlite-failure.ts';

export type Parameters = Readonly<Record<string, SQLInputValue>>;

/** SQLite's own name for a file that is nowhere, and is gone when it is closed: for ledgers that nobody reads later. */
export const IN_MEMORY = ':memory:';

/**
 * The SQLite file under the ledger: opened, migrated, replaced when damaged. What is in the tables is the business of the
 * files beside this one; they hand their work to `read` or `write`, and inside it use `rows`, `row` and `run`.
 */
export class LedgerFile {
  readonly #place: string;
  readonly #logger: Logger;
  readonly #onFailure: () => void;
  readonly #statements = new Map<string, StatementSync>();
  #db: DatabaseSync | undefined;
  #closed = false;
  #damage: LedgerDamage | undefined;
  #trouble: string | undefined;
  #highestId = 0;

  /** @throws LedgerError when the file can neither be opened nor made. */
  constructor(place: string, logger: Logger, onFailure: () => void = () => undefined) {
    this.#place = place;
    this.#logger = logger;
    this.#onFailure = onFailure;
    this.read(() => this.#database());
  }

  /** The last that was found. */
  get damage(): LedgerDamage | undefined {
    return this.#damage;
  }

  /** Undefined while the last write worked; else a sentence. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** @throws LedgerError */
  read<T>(work: () => T): T {
    try {
      return this.#onSoundFile(work);
    } catch (cause) {
      throw this.#failure(cause);
    }
  }

  /**
   * One transaction: all of the work is in the file when this returns, or none of it.
   *
   * @throws LedgerError
   */
  write<T>(work: () => T): T {
    return this.#written(() => this.#transaction(work));
  }

  /** As `write`, of one statement, which is a transaction by itself: a third of the work. */
  writeOne(sql: string, parameters: Parameters): void {
    this.#written(() => this.run(sql, parameters));
  }

  rows<Row>(sql: string, parameters: Parameters = {}): Row[] {
    return this.#prepared(sql).all(parameters) as Row[];
  }

  row<Row>(sql: string, parameters: Parameters = {}): Row | undefined {
    return this.#prepared(sql).get(parameters) as Row | undefined;
  }

  run(sql: string, parameters: Parameters = {}): { readonly changes: number; readonly id: number } {
    const { changes, lastInsertRowid } = this.#prepared(sql).run(parameters);
    const id = Number(lastInsertRowid);
    this.#highestId = Math.max(this.#highestId, id);
    return { changes: Number(changes), id };
  }

  /** Space taken by what is kept; the file is larger until `shrink`. */
  bytesInUse(): number {
    const pragma = (name: string) => Number(Object.values(this.row<Record<string, number>>(`PRAGMA ${name}`) ?? {})[0]);
    return (pragma('page_count') - pragma('freelist_count')) * pragma('page_size');
  }

  /** Gives the space of deleted rows back to the disk, and empties the write-ahead log into the database. Not inside `write`. */
  shrink(): void {
    this.#database().exec('PRAGMA incremental_vacuum; PRAGMA wal_checkpoint(TRUNCATE)');
  }

  close(): void {
    this.#letGo();
    this.#closed = true;
  }

  #database(): DatabaseSync {
    if (this.#db) return this.#db;
    if (this.#closed) throw new LedgerError(`the ledger ${this.#place} is closed`);
    const db = connect(this.#place, this.#place !== IN_MEMORY && this.#logWasDamaged());
    reserveIds(db, this.#highestId);
    this.#highestId = highestIdIn(db);
    this.#db = db;
    return db;
  }

  /** SQLite leaves out what it cannot read of its write-ahead log, and says nothing. */
  #logWasDamaged(): boolean {
    const found = findDamage(this.#place);
    if (found === undefined) return false;
    const kept = keepLog(this.#place, found);
    const forgotten = found.inDatabase < found.written ? 'newest' : 'nothing';
    this.#damage = { forgotten, kept };
    this.#logger.error(
      forgotten === 'newest'
        ? 'write-ahead log of the ledger damaged: the newest entries are lost, attempts, pauses and repairs under way among them'
        : 'write-ahead log of the ledger damaged: nothing is lost, all of it was in the ledger already',
      { file: this.#place, kept, ...found },
    );
    return true;
  }

  #letGo(): void {
    this.#statements.clear();
    this.#db?.close();
    this.#db = undefined;
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database().prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #failure(cause: unknown): unknown {
    const failure = explained(this.#place, cause);
    if (failure !== cause) this.#onFailure();
    return failure;
  }

  #written<T>(work: () => T): T {
    try {
      const result = this.#onSoundFile(() => this.#withRoom(work));
      this.#trouble = undefined;
      return result;
    } catch (cause) {
      const failure = this.#failure(cause);
      // What the work itself refused, an unknown id, says nothing about the file.
      if (failure instanceof LedgerError && failure !== cause) this.#trouble = failure.message;
      throw failure;
    }
  }

  /**
   * On a full disk the write-ahead log is emptied into the database, which gives its own room back, and the work is done once more. Once
   * only until a write works again: what there was to be had is given back by then.
   */
  #withRoom<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (!isFull(cause) || this.#trouble !== undefined || !this.#emptyLog()) throw cause;
      return work();
    }
  }

  /** @returns false where somebody else reads in it, or the database would have to grow for it and cannot; then it stays as it was */
  #emptyLog(): boolean {
    try {
      return this.row<{ busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)')?.busy === 0;
    } catch (cause) {
      if (isFull(cause)) return false;
      throw cause;
    }
  }

  #transaction<T>(work: () => T): T {
    const db = this.#database();
    this.#prepared('BEGIN IMMEDIATE').run();
    try {
      const result = work();
      this.#prepared('COMMIT').run();
      return result;
    } catch (cause) {
      // A full disk makes SQLite roll back by itself.
      if (db.isTransaction) db.exec('ROLLBACK');
      throw cause;
    }
  }

  /** On damage, met when opening or later, the file is set aside and the work is done once more, on a new one. */
  #onSoundFile<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      if (!isDamage(cause)) throw cause;
      this.#letGo();
      const kept = setAside(this.#place);
      this.#damage = { forgotten: 'all', kept };
      this.#logger.error(
        'ledger damaged: set aside, a new one begun; attempts, pauses and open incidents are forgotten',
        {
          file: this.#place,
          setAside: kept,
          because: Error.isError(cause) ? cause.message : String(cause),
        },
      );
      return work();
    }
  }
}

const highestIdIn = (db: DatabaseSync): number =>
  Number(db.prepare('SELECT max(seq) AS id FROM sqlite_sequence').get()?.id ?? 0);

/** Repairs under way still hold ids of a ledger that was set aside: no row of the new one may get one of them. */
function reserveIds(db: DatabaseSync, upTo: number): void {
  if (upTo <= highestIdIn(db)) return;
  db.prepare(
    "INSERT INTO sqlite_sequence (name, seq) SELECT name, ? FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%'",
  ).run(upTo);
}

/**
 * Pages of 4 KiB in the write-ahead log, from which on SQLite empties it into the database. SQLite's own 1,000 are 4 MB that a small disk
 * may not have; with a quarter of that a write takes no more time (docs/reliability.md).
 */
const LOG_PAGES = 250;
/** To which SQLite cuts a log that a large transaction has made longer, in bytes. */
const LOG_BYTES = 2 ** 20;

/** Journaled repairs hold the environment of containers: nobody else may read them. SQLite gives -wal and -shm the same mode. */
function begin(place: string): void {
  mkdirSync(dirname(place), { recursive: true });
  closeSync(openSync(place, 'a', 0o600));
}

/**
 * @param suspect what is read of it may not fit together.
 * Throws what SQLite or the file system throws; LedgerError for a ledger of a newer watchdog.
 */
function connect(place: string, suspect: boolean): DatabaseSync {
  if (place !== IN_MEMORY) begin(place);
  const db = new DatabaseSync(place, { timeout: 1_000, enableForeignKeyConstraints: true });
  try {
    // auto_vacuum must come before the first table. synchronous NORMAL in WAL mode outlives kill -9 of the process; a power
    // cut may cost the last moments, never the file. Sorting stays in memory, for the root filesystem may be read-only.
    db.exec(
      'PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;' +
        'PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY;' +
        `PRAGMA wal_autocheckpoint = ${LOG_PAGES}; PRAGMA journal_size_limit = ${LOG_BYTES}`,
    );
    const verdict = db.prepare('PRAGMA quick_check(1)').get()?.quick_check;
    if (verdict !== 'ok') throw new DamageFound(String(verdict));
    if (suspect) mustFitTogether(db);
    migrate(db, place);
    return db;
  } catch (cause) {
    db.close();
    throw cause;
  }
}

/** Pages of different times may each be sound. Then the log is begun anew, or its broken frames would be found once more. */
function mustFitTogether(db: DatabaseSync): void {
  const verdict = db.prepare('PRAGMA integrity_check(1)').get()?.integrity_check;
  if (verdict !== 'ok') throw new DamageFound(String(verdict));
  const orphan = db.prepare('PRAGMA foreign_key_check').get();
  if (orphan !== undefined)
    throw new DamageFound(`a row of ${orphan.table} belongs to one of ${orphan.parent} that is gone`);
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
}
