import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { EngineEvent } from '../../../watchdog/adapters/docker/docker.ts';
import { eventFrom, eventParser, eventQuery, eventsIn } from '../../../watchdog/adapters/docker/events.ts';
import { fixtureText } from '../../fixtures/docker/read-fixture.ts';

const recorded = fixtureText('events-20.10.ndjson');
const labels = { 'com.docker.compose.project': 'shop', 'com.docker.compose.service': 'web' };
const rawEvent = (Action: string, attributes: Record<string, string> = labels) => ({
  Type: 'container',
  Action,
  Actor: { ID: 'c1', Attributes: attributes },
  timeNano: 1_700_000_000_123_000_000,
});

describe('the query', () => {
  test('asks the engine for the actions that matter and nothing else', () => {
    expect(eventQuery({ project: 'shop', since: 1_700_000_000_042 })).toEqual({
      since: '1700000000.042000000',
      filters: {
        type: ['container'],
        event: 'create start restart die stop kill oom pause unpause rename update destroy health_status'.split(' '),
        label: ['com.docker.compose.project=shop'],
      },
    });
  });

  test('for all projects asks for whatever is of Compose', () => {
    expect(eventQuery({ project: undefined, since: undefined })).toMatchObject({
      filters: { label: ['com.docker.compose.project'] },
    });
  });
});

describe('an event', () => {
  test('loses its foreign shape', () => {
    const attributes = { ...labels, 'com.docker.compose.container-number': '2', name: 'shop-web-2', exitCode: '137' };

    expect(eventFrom(rawEvent('die', attributes))).toEqual({
      action: 'die',
      containerId: 'c1',
      name: 'shop-web-2',
      project: 'shop',
      service: 'web',
      number: 2,
      oneOff: false,
      at: 1_700_000_000_123,
      identity: `${rawEvent('die').timeNano} c1 die`,
      exitCode: 137,
      signal: undefined,
      health: undefined,
    });
  });

  test('about health tells which', () => {
    expect(eventFrom(rawEvent('health_status: unhealthy'))).toMatchObject({ action: 'health', health: 'unhealthy' });
  });

  test.each(['exec_start: /bin/true', 'attach', 'toString'])('of the kind %s is none of ours', action => {
    expect(eventFrom(rawEvent(action))).toBeUndefined();
  });

  test('of a container outside Compose is none of ours', () => {
    expect(eventFrom(rawEvent('die', { name: 'other' }))).toBeUndefined();
  });
});

describe('the parser', () => {
  const parsed = (chunks: Iterable<Buffer>): { events: EngineEvent[]; unreadable: number } => {
    let unreadable = 0;
    const parse = eventParser(() => {
      unreadable += 1;
    });
    return { events: [...chunks].flatMap(parse), unreadable };
  };
  const cut = (bytes: Buffer, size: number): Buffer[] =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

  test('reads what a real engine sent', () => {
    const { events } = parsed([Buffer.from(recorded)]);

    expect(events.map(({ action, service, exitCode, health }) => [action, service, exitCode, health])).toEqual([
      ['create', 'once', undefined, undefined],
      ['create', 'web', undefined, undefined],
      ['create', 'side', undefined, undefined],
      ['start', 'once', undefined, undefined],
      ['die', 'once', 3, undefined],
      ['start', 'web', undefined, undefined],
      ['start', 'side', undefined, undefined],
      ['health', 'web', undefined, 'healthy'],
    ]);
  });

  test.each([1, 7, 1_000])('reads the same in chunks of %d bytes', size => {
    const bytes = Buffer.from(recorded);

    expect(parsed(cut(bytes, size)).events).toEqual(parsed([bytes]).events);
  });

  test('puts a character together that was split between two chunks', () => {
    const line = Buffer.from(`${JSON.stringify(rawEvent('start', { ...labels, name: 'wäb' }))}\n`);

    expect(parsed(cut(line, 1)).events[0]?.name).toBe('wäb');
  });

  test('skips and counts lines that are no events', () => {
    const good = JSON.stringify(rawEvent('start'));

    const { events, unreadable } = parsed([Buffer.from(`{"half\n\n${good}\nnull\n42\n${good}\n`)]);

    expect(events).toHaveLength(2);
    expect(unreadable).toBe(3);
  });
});

test('keeps no line that never ends', () => {
  let unreadable = 0;
  const parse = eventParser(() => {
    unreadable += 1;
  });
  for (let mebibytes = 0; mebibytes < 3; mebibytes += 1) parse(Buffer.alloc(1_048_577, 'x'));

  const events = parse(Buffer.from(`${JSON.stringify(rawEvent('start'))}\n`));

  expect(unreadable).toBe(3);
  expect(events).toHaveLength(1);
});

describe('the stream', () => {
  test('is read on while nobody takes its events, and hands them on in order', async () => {
    const stream = new PassThrough();
    const events = eventsIn(stream, () => {});

    const lines = 5_000;
    for (let n = 0; n < lines; n += 1) {
      stream.write(`${JSON.stringify(rawEvent('start', { ...labels, name: String(n) }))}\n`);
    }
    stream.end();
    const names: string[] = [];
    for await (const { name } of events) names.push(name);

    expect(names).toEqual(Array.from({ length: lines }, (_, n) => String(n)));
  });

  test('that breaks has ended', async () => {
    const stream = new PassThrough();
    const events = eventsIn(stream, () => {});
    const first = events.next();

    stream.destroy(new Error('connection lost'));

    expect(await first).toEqual({ done: true, value: undefined });
  });

  test('is closed when the consumer has had enough', async () => {
    const stream = new PassThrough();
    stream.write(`${JSON.stringify(rawEvent('start'))}\n`);

    for await (const _ of eventsIn(stream, () => {})) break;

    expect(stream.destroyed).toBe(true);
  });
});
