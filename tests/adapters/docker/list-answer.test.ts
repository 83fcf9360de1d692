import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { ListEntry } from '../../../watchdog/adapters/docker/engine-shapes.ts';
import { readList } from '../../../watchdog/adapters/docker/list-answer.ts';

const anEntry = (Id: string, more: Partial<ListEntry> = {}): ListEntry => ({
  ...{ Id, Names: [`/${Id}`], Image: 'busybox', Created: 1, State: 'running', Status: 'Up 2 seconds' },
  ...more,
});

/** The text as it might come in: in chunks of so many bytes. */
function inChunks(text: string, size: number): Readable {
  const bytes = Buffer.from(text);
  const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  return Readable.from(chunks);
}

const all = (entry: ListEntry) => entry;

describe('a list of containers', () => {
  test.each([
    ['no container', []],
    ['one', [anEntry('a')]],
    ['three', [anEntry('a'), anEntry('b'), anEntry('c')]],
    ['umlauts', [anEntry('a', { Labels: { note: 'größer als 3 €' } }), anEntry('b')]],
    ['a label that looks like the next entry', [anEntry('a', { Labels: { note: '},{"Id":"x"' } }), anEntry('b')]],
  ])('is read whole with %s, wherever the chunks end', async (_, entries) => {
    const text = `${JSON.stringify(entries)}\n`;
    for (let size = 1; size <= text.length; size += 1)
      expect(await readList(inChunks(text, size), all)).toEqual(entries);
  });

  test('is read when an engine puts lists of objects with ids into an entry', async () => {
    const nested = { Mounts: [{ Id: 'x' }, { Id: 'y' }] } as Partial<ListEntry>;
    const entries = [anEntry('a', nested), anEntry('b', nested)];

    expect(await readList(inChunks(JSON.stringify(entries), 50), all)).toEqual(entries);
  });

  test('is read when an engine lays it out for people', async () => {
    const entries = [anEntry('a'), anEntry('b')];

    expect(await readList(inChunks(JSON.stringify(entries, null, 2), 50), all)).toEqual(entries);
  });

  test('leaves out what is not wanted', async () => {
    const text = JSON.stringify([anEntry('a'), anEntry('b')]);

    expect(await readList(inChunks(text, 50), ({ Id }) => (Id === 'a' ? undefined : Id))).toEqual(['b']);
  });

  test.each(['', '[{"Id":"a"', '<html>'])('is refused when it is %j', async text => {
    await expect(readList(inChunks(text, 50), all)).rejects.toThrow(SyntaxError);
  });

  test('is refused when it breaks off', async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from('[{"Id":"a"},');
        throw new Error('socket hang up');
      })(),
    );

    await expect(readList(broken, all)).rejects.toThrow('socket hang up');
  });
});
