import { describe, expect, test } from '@jest/globals';
import { fixedPorts, movesFor, rangeInWords } from '../../watchdog/domain/alternative-port.ts';
import type { PublishedPort } from '../../watchdog/domain/making.ts';
import type { HostPort } from '../../watchdog/domain/somebody.ts';

const ALTERNATIVES = {
  postgres: { inside: [5432], range: { first: 5433, last: 5440 } },
  web: { inside: [80, 443], range: { first: 9000, last: 9002 } },
};
const WEB: PublishedPort = { container: '80/tcp', host: '8080' };

const held = (...ports: number[]): HostPort[] => ports.map(port => ({ address: '0.0.0.0', port, protocol: 'tcp' }));
const moved = (published: readonly PublishedPort[], taken: readonly HostPort[]) =>
  movesFor(fixedPorts(published), taken, ALTERNATIVES).map(({ container, from, to }) => `${container} ${from}>${to}`);

describe('a port that somebody has', () => {
  test.each<[string, readonly PublishedPort[], readonly HostPort[], readonly string[]]>([
    ['goes to the first of its range', [WEB], held(8080), ['80/tcp 8080>9000']],
    ['goes to the first that nobody has', [WEB], held(8080, 9000), ['80/tcp 8080>9001']],
    [
      'goes by what listens inside of the container',
      [{ container: '5432/tcp', host: '80' }],
      held(80),
      ['5432/tcp 80>5433'],
    ],
    ['stays where it has it itself', [WEB], held(8081), []],
    ['stays on another address', [{ ...WEB, address: '127.0.0.1' }], [{ ...held(8080)[0], address: '10.0.0.1' }], []],
    ['stays for another protocol', [WEB], [{ address: '', port: 8080, protocol: 'udp' }], []],
    [
      'takes none that the container itself asks for',
      [WEB, { container: '443/tcp', host: '9000' }],
      held(8080),
      ['80/tcp 8080>9001'],
    ],
    [
      'goes elsewhere than the next one that goes',
      [WEB, { container: '443/tcp', host: '8443' }],
      held(8080, 8443),
      ['80/tcp 8080>9000', '443/tcp 8443>9001'],
    ],
    [
      'stays one under several addresses, of which one is taken',
      [
        { ...WEB, address: '127.0.0.1' },
        { ...WEB, address: '10.0.0.1' },
      ],
      [{ address: '10.0.0.1', port: 8080, protocol: 'tcp' }, ...held(9000)],
      ['80/tcp 8080>9001'],
    ],
    [
      'is none that the engine may choose',
      [
        { container: '80/tcp', host: '' },
        { container: '443/tcp', host: '8080-8089' },
      ],
      held(8080),
      [],
    ],
  ] as [string, readonly PublishedPort[], readonly HostPort[], readonly string[]][])(
    '%s',
    (_, published, taken, moves) => {
      expect(moved(published, taken)).toEqual(moves);
    },
  );

  test('has no way out where nothing of its range is free, and people read what would help', () => {
    expect(() => moved([WEB], held(8080, 9000, 9001, 9002))).toThrow(
      'no port of 9000-9002 is free for 80/tcp in place of 8080; free one, or widen the range under ports in watchdog.yml',
    );
  });

  test('has none where nobody has named a range for it', () => {
    expect(() => moved([{ container: '7777/tcp', host: '7777' }], held(7777))).toThrow(
      'there is no range of other ports for 7777/tcp; name one under ports in watchdog.yml',
    );
  });
});

test('a range of one port is said as that port', () => {
  expect(
    [
      { first: 9000, last: 9010 },
      { first: 9000, last: 9000 },
    ].map(rangeInWords),
  ).toEqual(['9000-9010', '9000']);
});
