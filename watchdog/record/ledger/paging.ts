import { BadCursor, type Page, type PageQuery } from '../../domain/records.ts';
import type { LedgerFile } from './ledger-file.ts';

const LONGEST_PAGE = 500;

export { BadCursor };

/** One list of the ledger: its table and which columns the filters look at. */
export interface List<Row, T> {
  readonly table: 'incident' | 'decision' | 'repair' | 'container_error';
  /** What `since` is compared with. */
  readonly timeColumn: 'updated_at' | 'last_at' | 'started_at';
  readonly onlyOpen?: boolean;
  /** Only for repairs: without changes of size. */
  readonly noSizes?: boolean;
  /** Only for errors: of which type and severity, and whether only those that are not resolved; `null` is any. */
  readonly what?: { readonly type: string | null; readonly severity: string | null; readonly open: 1 | null };
  readonly record: (row: Row) => T;
}

/**
 * Newest first, by id: rows that arrive while somebody turns the pages are neither shown twice nor push others out. A
 * limit outside 1 to 500 is brought inside.
 *
 * @throws BadCursor
 */
export function pageOf<Row extends { readonly id: number }, T>(
  file: LedgerFile,
  list: List<Row, T>,
  query: PageQuery & { readonly service?: string },
): Page<T> {
  const limit = Math.min(Math.max(1, Math.trunc(query.limit)), LONGEST_PAGE);
  const before = query.cursor === undefined ? Number.MAX_SAFE_INTEGER : idIn(query.cursor, list.table);
  return file.read(() => {
    const rows = file.rows<Row>(list.what === undefined ? sqlOf(list) : ERRORS, {
      ...list.what,
      before,
      since: query.since ?? null,
      project: query.project ?? null,
      service: query.service ?? null,
      // One more than asked for tells whether there is another page.
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map(list.record),
      next: rows.length > limit && last ? cursorAt(last.id, list.table) : undefined,
    };
  });
}

const NARROWED = '(:project IS NULL OR project = :project) AND (:service IS NULL OR service = :service)';

/** Few are open of many that were: without the index of those each round would read through all that is kept. */
const sqlOf = <Row, T>({ table, timeColumn, onlyOpen, noSizes }: List<Row, T>): string =>
  `SELECT * FROM ${table} ${onlyOpen ? 'INDEXED BY incident_open' : ''} WHERE id < :before ${onlyOpen ? "AND state <> 'resolved'" : ''}
     ${noSizes ? "AND key NOT LIKE '%/mis-sized'" : ''}
     AND (:since IS NULL OR ${timeColumn} >= :since) AND ${NARROWED}
   ORDER BY id DESC LIMIT :limit`;

/**
 * Which rows are wanted is looked for in an index that has all that is asked about: whatever filters meet, the texts of those that
 * do not fit are not read. An index for each filter would not help where two that fit many fit few together.
 */
export const ERRORS = `
  SELECT * FROM container_error WHERE id IN (
    SELECT id FROM container_error INDEXED BY container_error_filters
    WHERE id < :before
      AND (:since IS NULL OR last_at >= :since) AND ${NARROWED}
      AND (:type IS NULL OR type = :type) AND (:severity IS NULL OR severity = :severity)
      AND (:open IS NULL OR resolved_at IS NULL)
    ORDER BY id DESC LIMIT :limit)
  ORDER BY id DESC`;

const cursorAt = (id: number, table: string): string => Buffer.from(`${table}:${id}`).toString('base64url');

function idIn(cursor: string, table: string): number {
  const [name, id] = Buffer.from(cursor, 'base64url').toString().split(':');
  const number = rowIdOf(id ?? '');
  if (name !== table || number === NO_ROW || cursorAt(number, table) !== cursor) {
    throw new BadCursor('the cursor is not one of this list: ask again without a cursor');
  }
  return number;
}

/** The id of no row. */
const NO_ROW = 0;

/** Ids are shown as text; what is not an id is the id of no row. */
export const rowIdOf = (id: string): number => (/^[1-9]\d{0,14}$/.test(id) ? Number(id) : NO_ROW);
