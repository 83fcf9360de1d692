import { describe, expect, test } from '@jest/globals';
import { anApproval } from '../fakes/a-service.ts';
import {
  aBackup,
  aDecision,
  anIncident,
  aRepair,
  aServiceView,
  FakeRecords,
  FakeView,
  NOON,
  someDeps,
} from '../fakes/watchdog-view.ts';
import { beside } from './a-terminal.ts';

describe('history', () => {
  test('shows repairs with what came of them', async () => {
    const said = await beside({}, 'history');

    expect(said.status).toBe(0);
    expect(said.out.split('\n')[1]).toMatch(
      /^2026-03-01 09:59:01Z \(59s ago\) +shop\/web +unhealthy +restart #1 +healed +19s +healthy, and still so after 10s$/,
    );
  });

  test('hands on what was asked for', async () => {
    const records = new FakeRecords();

    await beside({ records }, 'history', '--decisions', '--service', 'web', '--project', 'shop', '--limit', '5');

    expect(records.queries).toEqual([{ limit: 5, service: 'web', project: 'shop' }]);
  });

  test('shows decisions with their code and how often', async () => {
    const said = await beside({}, 'history', '--decisions');

    expect(said.out).toContain(`stand-back (cooldown) x${aDecision().count}`);
  });

  test('says so when there was none yet', async () => {
    const records = new FakeRecords();
    records.repairs = () => ({ items: [], next: undefined });

    expect((await beside({ records }, 'history')).out).toContain('no repairs yet');
  });

  test.each(['0', '501', 'many', '1.5'])('refuses --limit %s', async limit => {
    expect((await beside({}, 'history', '--limit', limit)).status).toBe(2);
  });

  test('lets no container write to the terminal', async () => {
    const records = new FakeRecords();
    const because = 'said \u001b]0;owned\u0007\u001b[2J\r\nand \u202egnihton';
    records.repairs = () => ({ items: [aRepair({ because })], next: undefined });

    const { out } = await beside({ records }, 'history');

    expect(out).toContain('said \\x1b]0;owned\\x07\\x1b[2J and \\u202egnihton');
  });
});

describe('incidents', () => {
  test('that are open are trouble', async () => {
    const records = new FakeRecords();

    const said = await beside({ records }, 'incidents');

    expect(said.status).toBe(1);
    expect(said.out).toMatch(
      /7 +2026-03-01 09:59:00Z \(1m ago\) +shop\/web +unhealthy +opened +its health check fails/,
    );
    expect(records.queries).toEqual([{ limit: 20, open: true }]);
  });

  test('that are resolved are none, and are shown when asked for', async () => {
    const records = new FakeRecords();
    records.list = [anIncident({ state: 'resolved', resolvedAt: NOON })];

    const said = await beside({ records }, 'incidents', '--all');

    expect(said.status).toBe(0);
    expect(records.queries).toEqual([{ limit: 20 }]);
  });

  test('says so when there are none', async () => {
    const records = new FakeRecords();
    records.list = [];

    expect(await beside({ records }, 'incidents')).toMatchObject({
      status: 0,
      out: expect.stringContaining('no open incidents'),
    });
  });
});

describe('approve and refuse', () => {
  const waiting = anApproval({ expiresAt: NOON + 3_600_000 });
  const asking = (): FakeRecords => {
    const records = new FakeRecords();
    records.list = [anIncident({ approvals: [waiting] })];
    return records;
  };
  const clock = { ...someDeps().clock, now: () => NOON };

  test.each([
    { word: 'approve', answer: 'granted', out: `yes to ${waiting.what}; follow it with: watchdog incidents` },
    { word: 'refuse', answer: 'refused', out: `no to ${waiting.what}; incident 7 is left to people` },
  ])('$word hands on which order is meant, and says what it was', async ({ word, answer, out }) => {
    const view = new FakeView();

    const said = await beside({ view, records: asking() }, word, '7', '--order', '3', '--reason', 'I looked');

    expect(said).toMatchObject({ status: 0, out });
    expect(view.calls).toEqual([['answer', '7', { answer, order: '3', reason: 'I looked' }]]);
  });

  test('an answer that does not count is trouble, with the reason', async () => {
    const view = new FakeView();
    view.taken = { verdict: 'refused', because: 'nothing is asked about this incident' };

    expect(await beside({ view }, 'approve', '7')).toMatchObject({
      status: 1,
      err: 'nothing is asked about this incident',
    });
  });

  test('incidents shows what waits for a yes, and how to say it', async () => {
    const { out } = await beside({ records: asking(), clock }, 'incidents');

    expect(out).toContain(
      `incident 7 waits for a yes until 2026-03-01 11:00:00Z (in 1h): ${waiting.what}; watchdog approve 7 --order 3`,
    );
  });

  test('a repair that is approved has to be named', async () => {
    const view = new FakeView();

    expect((await beside({ view }, 'repair', 'web', '--approve')).status).toBe(2);
    expect((await beside({ view }, 'repair', 'web', '--strategy', 'wipe', '--approve')).status).toBe(0);
    expect(view.calls).toEqual([['ask', { project: 'shop', service: 'web' }, { strategy: 'wipe', approved: true }]]);
  });
});

describe('backups', () => {
  test('list shows each with its size and how it was taken', async () => {
    const said = await beside({}, 'backups', 'list');

    expect(said.status).toBe(0);
    expect(said.out.split('\n')[1]).toMatch(
      /^20260301T090000Z-shop-db-1 +2026-03-01 09:00:00Z \(1h ago\) +shop\/db +\/data +1\.5 MB +while it stood still$/,
    );
  });

  test('list says how to take one where there is none', async () => {
    const { out } = await beside({ backups: { list: async () => [] } }, 'backups', 'list');

    expect(out).toBe('no backups yet; watchdog repair SERVICE --strategy backup-volume takes one');
  });

  test('restore is an order for that one, and the yes to it', async () => {
    const view = new FakeView();
    view.known = [aServiceView({ service: 'db' })];
    const { id } = aBackup();

    const said = await beside({ view }, 'backups', 'restore', id);

    expect(said).toMatchObject({ status: 0, out: expect.stringContaining(`${id} goes back to /data of shop/db`) });
    expect(view.calls).toEqual([
      ['ask', { project: 'shop', service: 'db' }, { strategy: 'restore-backup', with: { backup: id }, approved: true }],
    ]);
  });

  test.each([[], ['nothing']])('restore of %j is a mistake of the one who asks', async (...id) => {
    const view = new FakeView();

    const said = await beside({ view }, 'backups', 'restore', ...id.flat());

    expect(said).toMatchObject({
      status: 2,
      err: expect.stringContaining('watchdog backups list shows those there are'),
    });
    expect(view.calls).toEqual([]);
  });
});
