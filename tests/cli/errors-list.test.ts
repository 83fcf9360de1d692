import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { anError, FakeErrors, NOON, someDeps } from '../fakes/watchdog-view.ts';
import { beside, command, nowhere } from './a-terminal.ts';

describe('errors resolve', () => {
  test('says to the running watchdog that an error is over', async () => {
    const said = await beside({}, 'errors', 'resolve', '31');

    expect(said).toMatchObject({
      status: 0,
      out: expect.stringMatching(/^DATABASE_CONNECTION of shop\/web is over since 2/),
    });
  });

  test('says so where there is no such error', async () => {
    const said = await beside({}, 'errors', 'resolve', '77');

    expect(said).toMatchObject({ status: 2, err: expect.stringContaining('there is no such error') });
  });

  test('prints JSON for programs', async () => {
    const { out } = await beside({}, 'errors', 'resolve', '31', '--json');

    expect(JSON.parse(out)).toMatchObject({ id: '31', resolvedAt: expect.any(String) });
  });
});

describe('errors list', () => {
  test('shows where, what and how often', async () => {
    const said = await beside({}, 'errors', 'list');

    expect(said.status).toBe(0);
    expect(said.out.split('\n')[1]).toMatch(
      /^31 +2026-03-01 09:59:00Z \(1m ago\) +shop\/web +DATABASE_CONNECTION +error +4 +connect ECONNREFUSED 10\.0\.0\.7:5432$/,
    );
  });

  test('hands on what was asked for, the type as people write it', async () => {
    const errors = new FakeErrors();
    const clock = { ...someDeps().clock, now: () => NOON };
    const filters = ['--service', 'web', '--project', 'shop', '--type', 'port-conflict', '--severity', 'CRITICAL'];

    await beside({ errors, clock }, 'errors', 'list', ...filters, '--since', '30m', '--limit', '5');
    await beside({ errors, clock }, 'errors', 'list', '--all');

    expect(errors.queries).toEqual([
      {
        service: 'web',
        project: 'shop',
        type: 'PORT_CONFLICT',
        severity: 'critical',
        since: NOON - 1_800_000,
        limit: 5,
        open: true,
      },
      { limit: 20 },
    ]);
  });

  test.each([
    [['--type', 'PORT_CONFLIKT'], 'Did you mean PORT_CONFLICT?'],
    [['--type', 'boredom'], 'Expected one of the types of docs/log-errors.md: PORT_CONFLICT, '],
    [['--severity', 'fatal'], 'Expected one of info, warning, error, critical.'],
    [['--since', 'yesterday'], 'Expected a duration from 1s to 366d'],
    [['--limit', '0'], 'Expected a number from 1 to 500.'],
    [['--colour'], "unknown option '--colour'"],
  ])('refuses %j and says what is expected', async (args, err) => {
    const said = await beside({}, 'errors', 'list', ...args);

    expect(said).toMatchObject({ status: 2, err: expect.stringContaining(err) });
  });

  test('lets no log write to the terminal, and shows one line of a record', async () => {
    const errors = new FakeErrors();
    const sample = `\u001b]0;owned\u0007boom\r\u202egnihton ${'x'.repeat(500)}\n  at main.py:7`;
    errors.list = [anError({ sample, resolvedAt: NOON })];

    const { out } = await beside({ errors }, 'errors', 'list', '--all');

    expect(out).toContain('\\x1b]0;owned\\x07boom\\x0d\\u202egnihton xxx');
    expect(out).toContain('resolved');
    expect(out).not.toContain('main.py');
    expect(out.split('\n')).toHaveLength(2);
  });

  test('says so when there are none', async () => {
    const errors = new FakeErrors();
    errors.list = [];

    expect((await beside({ errors }, 'errors', 'list')).out).toContain('no such errors; `--all` shows');
    expect((await beside({ errors }, 'errors', 'list', '--all')).out).toBe('no such errors');
  });

  test('prints JSON for programs', async () => {
    const { out } = await beside({}, 'errors', 'list', '--json');

    expect(JSON.parse(out)).toMatchObject({ items: [{ id: '31', variants: [{ count: 4 }] }] });
  });
});

describe('errors stats', () => {
  test('shows types, services and the hours in which there were some', async () => {
    const clock = { ...someDeps().clock, now: () => NOON };

    const { status, out } = await beside({ clock }, 'errors', 'stats', '--since', '3h');

    expect(status).toBe(0);
    expect(out.split('\n').map(line => line.replaceAll(/ +/g, ' '))).toEqual([
      '2026-03-01 07:00Z to 2026-03-01 10:00Z: 4 errors, 0 as long before (new)',
      '',
      'TYPE WORST COUNT BEFORE TREND',
      'DATABASE_CONNECTION error 4 0 new',
      '',
      'SERVICE WORST COUNT BEFORE TREND',
      'shop/web error 4 0 new',
      '',
      'HOUR COUNT',
      `2026-03-01 08:00Z 1 ${'#'.repeat(20)}`,
      `2026-03-01 09:00Z 2 ${'#'.repeat(40)}`,
    ]);
  });

  test('refuses more than is counted by the hour', async () => {
    expect(await beside({}, 'errors', 'stats', '--since', '32d')).toMatchObject({
      status: 2,
      err: expect.stringContaining('Expected at most 31d'),
    });
  });
});

describe('without a running watchdog', () => {
  test('errors are read from the ledger that one left, without their secrets', async () => {
    const env = nowhere();
    const file = join(`${env.WATCHDOG_DATA}`, 'ledger.sqlite');
    mkdirSync(dirname(file), { recursive: true });
    const { ledger, logs } = openLedger(file, { logger: someDeps().logger });
    const { type, severity, tier, pattern, ...fold } = anError({ sample: 'cannot reach redis://:geheim@cache' });
    const errors = [{ ...fold, error: { type, severity, tier, pattern, captures: {} } }];
    logs.keepLogs({ positions: new Map(), errors }, NOON);
    ledger.close();

    const list = await command(env, 'errors', 'list', '--since', '1h');
    const none = await command(env, 'errors', 'list', '--since', '1s');
    const stats = await command(env, 'errors', 'stats');

    expect(list).toMatchObject({ status: 0, out: expect.stringContaining('cannot reach redis://:***@cache') });
    expect(none.out).toContain('no such errors');
    expect(stats.out).toContain('4 errors, 0 as long before (new)');
  });

  test('and without a ledger it says where it looked', async () => {
    expect(await command(nowhere(), 'errors', 'stats')).toMatchObject({
      status: 3,
      err: expect.stringContaining('none has left its ledger'),
    });
  });
});

test('errors without a word what to do shows what can be done', async () => {
  const said = await beside({}, 'errors');

  expect(said.status).toBe(2);
  for (const what of ['list', 'stats', 'classify']) expect(said.err).toContain(`\n  ${what} `);
});
