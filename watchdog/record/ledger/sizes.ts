import type { SizeMemory, SizeRecord } from '../../domain/size.ts';
import type { LedgerFile } from './ledger-file.ts';

/** What the size of each scaled service is decided by besides its load: one row a service, written once an interval. */
export const sizesIn = (file: LedgerFile): SizeMemory => ({
  sizeOf: ({ project, service }) =>
    file.read(() => {
      const sql = 'SELECT record FROM size WHERE project = :project AND service = :service';
      const row = file.row<{ record: string }>(sql, { project, service });
      return row && (JSON.parse(row.record) as SizeRecord);
    }),

  rememberSizes: (sizes, now) =>
    file.write(() => {
      for (const [{ project, service }, record] of sizes)
        file.run(
          `INSERT INTO size (project, service, at, record) VALUES (:project, :service, :at, :record)
           ON CONFLICT DO UPDATE SET at = excluded.at, record = excluded.record`,
          { project, service, at: now, record: JSON.stringify(record) },
        );
    }),
});
