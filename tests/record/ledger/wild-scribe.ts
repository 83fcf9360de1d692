import { LedgerFile } from '../../../watchdog/record/ledger/ledger-file.ts';

// A process that writes transactions of all sizes, some of which it takes back, and empties the write-ahead log now and then, until it
// is killed. It says each number once that is in the ledger.
const nothing = () => undefined;
const file = new LedgerFile(process.argv[2] ?? '', { error: nothing, warn: nothing, info: nothing, debug: nothing });
const [{ last } = { last: 0 }] = file.rows<{ last: number }>('SELECT coalesce(max(at), 0) AS last FROM bookmark');

/** Rows of some pages each; from some 250 on SQLite writes before the end of the transaction. */
const SIZES = [1, 3, 1, 40, 2, 400, 1];

for (let at = last + 1; ; at += 1) {
  const rows = SIZES[at % SIZES.length] ?? 1;
  const write = (takeBack: boolean) =>
    file.write(() => {
      for (let row = 0; row < rows; row += 1) {
        const name = `${at}.${row} ${'x'.repeat(rows > 1 ? 4_000 : 10)}`;
        file.run('INSERT INTO bookmark (name, at) VALUES (:name, :at)', { name, at });
      }
      if (takeBack) throw new Error('and back');
    });
  if (at % 3 === 0)
    try {
      write(true);
    } catch {
      // As a full disk, or a defect, would have it.
    }
  write(false);
  process.stdout.write(`${at}\n`);
  if (at % 11 === 0) file.write(() => file.run('DELETE FROM bookmark WHERE at < :at', { at }));
  if (at % 23 === 0) file.shrink();
}
