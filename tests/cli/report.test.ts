import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { aReport, FakeRecords, NOON } from '../fakes/watchdog-view.ts';
import { attempted } from '../record/ledger/a-ledger.ts';
import { beside, command, nowhere } from './a-terminal.ts';

describe('report', () => {
  test('shows the whole, each service, and what to do', async () => {
    const { status, out } = await beside({ records: new FakeRecords() }, 'report');

    expect(status).toBe(0);
    expect(out.split('\n')).toEqual([
      '2026-02-28 10:00Z to 2026-03-01 10:00Z (24h)',
      '2 incidents, 1 still open; 2 repairs, 1 of them healed.',
      'On average found after 3s, well again after 21s.',
      '',
      'SERVICE   INCIDENTS  REPAIRS  SUCCESS  FOUND AFTER  WELL AFTER  STOOD BACK  NOTE',
      'shop/web  2, 1 open  2        50 %     3s           21s         cooldown 3',
      '',
      'What to do:',
      '1. look at its health check',
    ]);
  });

  test('is Markdown or JSON when asked for', async () => {
    const records = new FakeRecords();

    const markdown = await beside({ records }, 'report', '--markdown');
    const json = await beside({ records }, 'report', '--json');

    expect(markdown.out).toContain('| shop/web | 2, 1 open |');
    expect(JSON.parse(json.out)).toEqual(JSON.parse(JSON.stringify(aReport())));
  });

  test('asks for as long as --since says', async () => {
    const records = new FakeRecords();

    await beside({ records }, 'report', '--since', '7d');

    const [[span]] = records.queries as [[{ since: number; until: number }]];
    expect(span.until - span.since).toBe(7 * 86_400_000);
  });

  test('says in its help how far back it goes, as people write it', async () => {
    const { out } = await beside({}, 'report', '--help');

    expect(out).toContain('(default: 24h)');
    expect(out).not.toContain('86400000');
  });

  test.each(['yesterday', '0', '400d'])('refuses --since %s', async since => {
    const said = await beside({}, 'report', '--since', since);

    expect(said).toMatchObject({ status: 2, err: expect.stringContaining('such as 24h or 7d') });
  });

  test('is read from the ledger where no watchdog runs, and says so', async () => {
    const env = nowhere();
    const logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
    const { ledger } = openLedger(join(env.WATCHDOG_DATA ?? '', 'ledger.sqlite'), { logger });
    attempted(ledger, NOON - 3_600_000);
    ledger.close();

    const { status, out, err } = await command(env, 'report');

    expect(status).toBe(0);
    expect(err).toContain('looking without it');
    expect(out).toMatch(/shop\/web +1, 1 open +1 +0 %/);
  });
});
