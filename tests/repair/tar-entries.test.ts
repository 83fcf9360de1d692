import { describe, expect, test } from '@jest/globals';
import { type TarEntry, tarEntries } from '../../watchdog/repair/tar-entries.ts';
import { aTar } from '../fakes/a-tar.ts';

async function* inPieces(tar: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < tar.length; at += length) yield tar.subarray(at, at + length);
}

async function read(tar: Buffer, length = 10_000): Promise<readonly TarEntry[]> {
  const entries: TarEntry[] = [];
  for await (const entry of tarEntries(inPieces(tar, length))) entries.push(entry);
  return entries;
}

const LONG = `${'deep/'.repeat(40)}${'é'.repeat(60)}\nof two lines`;
const FILES = [
  { name: './', owner: '999:998', mode: '750' },
  { name: './bytes', owner: '999:0', mode: '4640', content: 'x'.repeat(1_500) },
  { name: './soft', owner: '0:999', link: '../nowhere' },
  { name: `./${LONG}`, owner: '70:70', mode: '600' },
];
const READ = [
  { name: '', uid: 999, gid: 998, mode: 0o750, isFolder: true, isLink: false },
  { name: 'bytes', uid: 999, gid: 0, mode: 0o4640, isFolder: false, isLink: false },
  { name: 'soft', uid: 0, gid: 999, mode: 0o644, isFolder: false, isLink: true },
  { name: LONG, uid: 70, gid: 70, mode: 0o600, isFolder: false, isLink: false },
];

describe('the entries of a tar', () => {
  test.each(['pax', 'gnu'] as const)(
    'are read with owner and mode, long and strange names too, from the form %s',
    async format => {
      expect(await read(aTar(FILES, format))).toEqual(READ);
    },
  );

  test('are read with a name in two parts from the form ustar', async () => {
    const name = `${'folder/'.repeat(16)}file`;

    expect(await read(aTar([{ name: `./${name}` }], 'ustar'))).toMatchObject([{ name }]);
  });

  test.each(['pax', 'gnu'] as const)('have the great numbers of user namespaces, in the form %s', async format => {
    expect(await read(aTar([{ name: 'x', owner: '4000000000:3000000' }], format))).toMatchObject([
      { uid: 4_000_000_000, gid: 3_000_000 },
    ]);
  });

  test.each([1, 100, 513])('are the same when the tar comes in pieces of %d bytes', async length => {
    expect(await read(aTar(FILES), length)).toEqual(READ);
  });
});

describe('a tar', () => {
  const tar = aTar([{ name: './file', content: 'y'.repeat(3_000) }], 'ustar');

  test.each([
    { what: 'within a file', length: 1_024, says: 'ends within a file' },
    { what: 'after its last file', length: 512 + 3_072, says: 'without its end mark' },
    { what: 'at once', length: 0, says: 'without its end mark' },
  ])('that ends $what is refused', async ({ length, says }) => {
    await expect(read(tar.subarray(0, length))).rejects.toThrow(says);
  });

  test('with a damaged header is refused', async () => {
    const damaged = Buffer.from(tar);
    damaged[105] = 0x31;

    await expect(read(damaged)).rejects.toThrow('the checksum of a header is wrong');
  });
});
