import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Instant } from '../../domain/time.ts';
import { ownerFrom, PROJECT_LABEL } from './compose-labels.ts';
import type { EngineEvent, EventOptions } from './docker.ts';
import type { RawEvent } from './engine-shapes.ts';

/** The engine's name of each action that matters, and ours. The engine is asked for no others: probes cost nothing. */
const ACTIONS: ReadonlyMap<string, EngineEvent['action']> = new Map([
  ['create', 'create'],
  ['start', 'start'],
  ['restart', 'restart'],
  ['die', 'die'],
  ['stop', 'stop'],
  ['kill', 'kill'],
  ['oom', 'oom'],
  ['pause', 'pause'],
  ['unpause', 'unpause'],
  ['rename', 'rename'],
  ['update', 'update'],
  ['destroy', 'destroy'],
  ['health_status', 'health'],
]);

/** As the engine takes moments: `seconds.nanoseconds` (Engine API, SystemEvents). */
export const engineTime = (moment: Instant): string =>
  `${Math.floor(moment / 1_000)}.${String(moment % 1_000).padStart(3, '0')}000000`;

/** The query of `GET /events`. */
export function eventQuery(options: Pick<EventOptions, 'project' | 'since'>): {
  readonly since?: string;
  readonly filters: Readonly<Record<string, readonly string[]>>;
} {
  const { project, since } = options;
  return {
    ...(since === undefined ? {} : { since: engineTime(since) }),
    filters: {
      type: ['container'],
      event: [...ACTIONS.keys()],
      label: [project === undefined ? PROJECT_LABEL : `${PROJECT_LABEL}=${project}`],
    },
  };
}

/** An engine event with the foreign shape removed. Undefined when it is none of ours: another action, not Compose's. */
export function eventFrom(raw: RawEvent): EngineEvent | undefined {
  // `health_status: unhealthy`
  const [word = '', health] = raw.Action.split(': ');
  const action = ACTIONS.get(word);
  const attributes = raw.Actor.Attributes ?? {};
  const owner = ownerFrom(attributes);
  if (action === undefined || owner === undefined) return undefined;
  return {
    ...owner,
    action,
    containerId: raw.Actor.ID,
    name: attributes.name ?? '',
    at: Math.floor(raw.timeNano / 1_000_000),
    // A double holds the nanoseconds to within 256 ns: no container does the same thing twice in that time.
    identity: `${raw.timeNano} ${raw.Actor.ID} ${raw.Action}`,
    exitCode: attributes.exitCode === undefined ? undefined : Number(attributes.exitCode),
    signal: attributes.signal,
    health: health === 'starting' || health === 'healthy' || health === 'unhealthy' ? health : undefined,
  };
}

/** No event is as long: an engine that sends more without a line's end sends something else. */
const LONGEST_LINE = 1_048_576;

/** Cuts a byte stream into lines, wherever the chunks happen to end, and reads each as an event. */
export function eventParser(onUnreadable: () => void): (chunk: Buffer) => EngineEvent[] {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return chunk => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) {
      rest = '';
      onUnreadable();
    }
    return lines.flatMap(line => {
      if (line.trim() === '') return [];
      try {
        return eventFrom(JSON.parse(line)) ?? [];
      } catch {
        onUnreadable();
        return [];
      }
    });
  };
}

/**
 * The events of an open stream until it ends, breaks or is destroyed. It is read from now on and as fast as it comes, however
 * slow the consumer is: an engine drops events to a reader that does not keep up. A consumer that only hands on, as ours does, takes
 * all of a chunk before the next one is read: more than that never waits here.
 */
export function eventsIn(stream: Readable, onUnreadable: () => void): AsyncGenerator<EngineEvent> {
  const parse = eventParser(onUnreadable);
  const waiting: EngineEvent[] = [];
  let wake = () => {};
  stream.on('data', (chunk: Buffer) => {
    waiting.push(...parse(chunk));
    wake();
  });
  // A stream that breaks has ended as well: the consumer subscribes anew either way.
  stream.on('error', () => {});
  stream.once('close', () => wake());

  async function* handOn(): AsyncGenerator<EngineEvent> {
    try {
      while (true) {
        for (let event = waiting.shift(); event !== undefined; event = waiting.shift()) yield event;
        if (stream.closed) return;
        await new Promise<void>(resolve => {
          wake = resolve;
        });
      }
    } finally {
      stream.destroy();
    }
  }
  return handOn();
}
