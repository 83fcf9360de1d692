import { afterEach, describe, expect, test } from '@jest/globals';
import type { ReceivedAlert } from '../../watchdog/domain/received-alert.ts';
import { createApp } from '../../watchdog/serve/app.ts';
import { FakeView, someDeps, TOKEN } from '../fakes/watchdog-view.ts';
import { type Api, serving } from '../serve/api.ts';
import { aRequest, dial, say, statusesIn } from './raw.ts';

let api: Api | undefined;
afterEach(() => api?.close());

const BEARER = `Authorization: Bearer ${TOKEN}`;

async function start() {
  const view = new FakeView();
  const received: ReceivedAlert[] = [];
  const alerts = {
    take: async (taken: readonly ReceivedAlert[]) => {
      received.push(...taken);
      return { queued: taken.length, repeated: 0, ignored: 0 };
    },
  };
  api = await serving(createApp(someDeps({ view, alerts }), { requestsPerMinute: 10_000, failuresPerMinute: 10_000 }));
  return { ...api, view, received };
}

/** As they are written into the request line; a proper client would tidy them up. */
const ODD_PATHS = [
  '/healthz/../api/services',
  '/healthz/%2e%2e/api/services',
  '/healthz%2f..%2fapi%2fservices',
  '/healthz;/../api/services',
  '/./api/services',
  '//api/services',
  '/api//services',
  '/api/services/',
  '/api/services/.',
  '/API/Services',
  '/api%2fservices',
  '/api/services%00',
  '/api/services?x=/healthz',
  '/api/services#/healthz',
  '/metrics/../api/services',
  '/metrics%23/api/services',
  '\\api\\services',
  '/%61pi/services',
  'http://127.0.0.1/api/services',
  'http://watchdog/healthz/../api/services',
  'http://user:word@healthz/api/services',
  '/repair/..%2f..%2fhealthz',
];

describe('a path, however it is written,', () => {
  test.each(ODD_PATHS)('leads nowhere without the token: %s', async path => {
    const { address, view } = await start();

    for (const method of ['GET', 'POST']) {
      const [status] = statusesIn(await say(address, aRequest(`${method} ${path}`)));
      expect([400, 401]).toContain(status);
    }
    expect(view.calls).toEqual([]);
  });

  test('names a service and no place: dots and slashes are letters of it', async () => {
    const { address, view } = await start();
    const names = [
      '..%2f..%2fetc%2fpasswd',
      '%2e%2e',
      'web%2f..%2fother',
      'web%00',
      'web%0a',
      '__proto__',
      'constructor',
    ];

    for (const name of names) {
      const said = await say(address, aRequest(`POST /repair/${name}`, [BEARER, 'Content-Length: 0']));
      expect([name, statusesIn(said)]).toEqual([name, [404]]);
    }
    expect(view.calls).toEqual([]);
  });
});

describe('a request that could be read in two ways is refused, and what hides in it is never carried out:', () => {
  const hidden = aRequest('POST /repair/web', [BEARER, 'Content-Length: 0']);
  const chunked = `0\r\n\r\n${hidden}`;

  test.each([
    ['two lengths', ['Content-Length: 0', `Content-Length: ${hidden.length}`], hidden],
    ['a length and chunks', [`Content-Length: ${chunked.length}`, 'Transfer-Encoding: chunked'], chunked],
    ['chunks and a length', ['Transfer-Encoding: chunked', 'Content-Length: 4'], chunked],
    ['chunks that are none', ['Transfer-Encoding: xchunked'], chunked],
    ['chunks that are not the last coding', ['Transfer-Encoding: chunked, identity'], chunked],
    ['chunks behind a blank', ['Transfer-Encoding : chunked'], chunked],
    ['chunks behind a tab', ['Transfer-Encoding:\x0bchunked'], chunked],
    ['a length with a sign', ['Content-Length: +0'], hidden],
    ['a length in hexadecimal', ['Content-Length: 0x0'], hidden],
    ['a length below nothing', ['Content-Length: -1'], hidden],
    ['a folded header', ['X-Folded: a', ' Content-Length: 5'], hidden],
    ['a header without a name', [': x'], hidden],
    ['a line that ends with a carriage return', ['X: y\rContent-Length: 5'], hidden],
  ])('%s', async (_what, headers, body) => {
    const { address, view } = await start();

    const said = await say(
      address,
      aRequest('POST /webhook/alertmanager', [...headers, 'Connection: keep-alive'], body),
    );

    expect(statusesIn(said)).toEqual([400]);
    expect(view.calls).toEqual([]);
  });

  test.each([
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['Redis', '*2\r\n$4\r\nLLEN\r\n$1\r\nx\r\n'],
    ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('%s', async (_what, bytes) => {
    const { address } = await start();

    expect(statusesIn(await say(address, bytes))).toEqual([400]);
  });

  test.each(['CONNECT', 'TRACE'])('%s makes no tunnel and no mirror', async method => {
    const { address } = await start();

    const said = await say(
      address,
      aRequest(`${method} 127.0.0.1:2375`.replace('TRACE 127.0.0.1:2375', 'TRACE /healthz'), ['X-Word: mirrored']),
    );

    expect(statusesIn(said).filter(status => status < 400)).toEqual([]);
    expect(said).not.toContain('mirrored');
  });

  test('an upgrade that nobody offers is an ordinary request', async () => {
    const { address } = await start();
    const headers = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA'];

    expect(statusesIn(await say(address, aRequest('GET /api/services', headers)))).toEqual([401]);
  });
});

describe('what is too much is refused before it is looked at:', () => {
  test('headers of 100 KB', async () => {
    const { address } = await start();

    for (const header of [`X-Long: ${'x'.repeat(100_000)}`, `Authorization: Bearer ${'x'.repeat(100_000)}`])
      expect(statusesIn(await say(address, aRequest('GET /api/services', [header])))).toEqual([431]);
  });

  test('a body that does not say how long it is', async () => {
    const { address, view } = await start();
    const chunks = `100001\r\n${'x'.repeat(0x100001)}\r\n0\r\n\r\n`;

    const said = await say(address, aRequest('POST /repair/web', [BEARER, 'Transfer-Encoding: chunked'], chunks));

    expect(statusesIn(said)).toEqual([413]);
    expect(view.calls).toEqual([]);
  });

  test.each([
    ['/repair/web', 413],
    ['/webhook/alertmanager', 413],
  ])('a body that is small on the way and large when it is unpacked, at %s', async (path, status) => {
    const { send } = await start();
    const bomb = new Blob([Buffer.alloc(64 * 2 ** 20, ' ')]).stream().pipeThrough(new CompressionStream('gzip'));
    const body = await new Response(bomb).arrayBuffer();

    const headers = { authorization: `Bearer ${TOKEN}`, 'content-encoding': 'gzip' };

    expect(body.byteLength).toBeLessThan(100_000);
    expect((await send('POST', path, { headers, body })).status).toBe(status);
  });

  test('whatever a stranger sends, without reading it', async () => {
    const { address, received } = await start();
    const socket = await dial(address);
    socket.write(aRequest('POST /webhook/alertmanager', ['Content-Length: 4000000'], '{'));

    const [chunk] = (await socket.take(1).toArray()) as Buffer[];

    expect(statusesIn(`${chunk}`)).toEqual([401]);
    expect(received).toEqual([]);
  });

  test('a query of a thousand parameters, and one that is nested', async () => {
    const { get } = await start();

    const many = Array.from({ length: 1_000 }, (_, n) => `a${n}=1`).join('&');

    expect((await get(`/api/services?${many}`)).status).toBe(400);
    expect((await get('/api/services?project[__proto__][x]=1')).status).toBe(400);
    expect((await get('/api/services?project=a&project=b')).status).toBe(400);
  });
});

test('a prototype that is sent as JSON changes nobody', async () => {
  const { post, view } = await start();

  for (const body of [
    '{"__proto__":{"strategy":"recreate"}}',
    '{"constructor":{"prototype":{"strategy":"recreate"}}}',
    '{"strategy":"restart","__proto__":{"isAdmin":true}}',
  ])
    expect((await post('/repair/web', body)).status).toBe(400);

  expect(view.calls).toEqual([]);
  expect(({} as { strategy?: string }).strategy).toBeUndefined();
});
