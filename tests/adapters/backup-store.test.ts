import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type BackupStore, backupStore } from '../../watchdog/adapters/backup-store.ts';
import type { BackupOf } from '../../watchdog/domain/backup.ts';

const NOON = Date.UTC(2026, 2, 1, 12);
const MIB = 2 ** 20;

let folder: string;
let store: BackupStore;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'cw-backups-')), 'backups');
  store = backupStore(folder);
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

const of = (differing: Partial<BackupOf> = {}): BackupOf => ({
  project: 'shop',
  service: 'db',
  container: 'shop-db-1',
  source: 'shop_data',
  target: '/data',
  whileRunning: false,
  ...differing,
});
async function* tar(...pieces: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}
const ids = async () => (await store.list()).map(({ id }) => id);
const files = () => readdirSync(folder);

test('there are none while the folder is not there', async () => {
  expect(await store.list()).toEqual([]);
});

describe('what is written', () => {
  test('is listed with its size and checksum, and read again as it was', async () => {
    const written = await store.write(of(), tar('a'.repeat(100_000), 'b'), MIB, NOON);

    expect(await store.list()).toEqual([written]);
    expect(written).toMatchObject({
      ...of(),
      id: '20260301T120000Z-shop-db-1',
      at: NOON,
      bytes: 100_001,
      sha256: createHash('sha256')
        .update(`${'a'.repeat(100_000)}b`)
        .digest('hex'),
    });
    let read = '';
    for await (const piece of store.read(written)) read += Buffer.from(piece).toString();
    expect(read).toBe(`${'a'.repeat(100_000)}b`);
  });

  test('can be read by nobody else', async () => {
    await store.write(of(), tar('secret'), MIB, NOON);

    expect([folder, ...files().map(file => join(folder, file))].map(path => statSync(path).mode & 0o077)).toEqual(
      [folder, ...files()].map(() => 0),
    );
  });

  test('twice at the same moment gets two names', async () => {
    await Promise.all([store.write(of(), tar('a'), MIB, NOON), store.write(of(), tar('b'), MIB, NOON)]);

    expect((await ids()).sort()).toEqual(['20260301T120000Z-shop-db-1', '20260301T120000Z-shop-db-1-2']);
  });

  test('never leaves its folder, whatever the container is called', async () => {
    await store.write(of({ container: '../../x' }), tar('a'), MIB, NOON);

    expect(await ids()).toEqual(['20260301T120000Z-.._.._x']);
  });
});

describe('nothing is left of a backup', () => {
  test.each([
    { what: 'that is larger than it may be', content: ['a'.repeat(600), 'b'.repeat(600)], says: /more than 1 kB/ },
    { what: 'of nothing', content: [], says: /found nothing at all/ },
  ])('$what', async ({ content, says }) => {
    await expect(store.write(of(), tar(...content), 1_000, NOON)).rejects.toThrow(says);

    expect(files()).toEqual([]);
  });

  test('whose source breaks off', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the engine went away');
    }

    await expect(store.write(of(), broken(), MIB, NOON)).rejects.toThrow('the engine went away');

    expect(files()).toEqual([]);
  });
});

test('one that was changed on the disk is found out', async () => {
  const written = await store.write(of(), tar('whole'), MIB, NOON);
  await store.verify(written);
  writeFileSync(join(folder, `${written.id}.tar`), 'wholo');

  await expect(store.verify(written)).rejects.toThrow(/It is damaged; take another one/);
});

test('what a crash has left by half is not listed', async () => {
  await store.write(of(), tar('whole'), MIB, NOON);
  writeFileSync(join(folder, '20260301T130000Z-shop-db-1.tar.part'), 'ha');
  writeFileSync(join(folder, '20260301T130000Z-shop-db-1.json'), '');

  expect(await ids()).toEqual(['20260301T120000Z-shop-db-1']);
});

test('what a crash has left by half goes with the next backup, and nothing else does', async () => {
  await store.write(of(), tar('whole'), MIB, NOON);
  writeFileSync(join(folder, '20260301T130000Z-shop-db-1.tar.part'), 'ha');
  writeFileSync(join(folder, '20260301T130000Z-shop-db-1.json'), '');
  writeFileSync(join(folder, 'notes.txt'), 'of a person');

  await backupStore(folder).write(of({ container: 'shop-db-2' }), tar('next'), MIB, NOON);

  expect(files()).toEqual([
    '20260301T120000Z-shop-db-1.json',
    '20260301T120000Z-shop-db-1.tar',
    '20260301T120000Z-shop-db-2.json',
    '20260301T120000Z-shop-db-2.tar',
    'notes.txt',
  ]);
});

test('of each volume the newest stay, whatever there is of others', async () => {
  for (const hour of [0, 1, 2]) await store.write(of(), tar(`${hour}`), MIB, NOON + hour * 3_600_000);
  await store.write(of({ target: '/log', source: 'shop_log' }), tar('log'), MIB, NOON);

  const gone = await store.keepOnly(2);

  expect(gone).toEqual(['20260301T120000Z-shop-db-1']);
  expect((await store.list()).map(({ target, at }) => [target, (at - NOON) / 3_600_000])).toEqual([
    ['/data', 2],
    ['/data', 1],
    ['/log', 0],
  ]);
  expect(files()).toHaveLength(6);
});
