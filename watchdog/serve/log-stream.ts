import { z } from 'zod';
import type { LiveEvent } from '../domain/live-log.ts';
import type { Deps } from './deps.ts';
import { severityField, typeField } from './error-shapes.ts';
import { Problem } from './problem.ts';
import type { Route } from './route.ts';
import { SseClients } from './sse-clients.ts';
import { toJson } from './to-json.ts';

/** All of them together; those who watch events have places of their own. */
const MOST_VIEWERS = 16;
const MOST_NAMES = 50;

const TOO_SLOW = 'you read more slowly than the container writes; what came meanwhile is lost';

const error = z.object({ type: typeField, severity: severityField, pattern: z.string() });
const at = z.string().describe('RFC 3339, UTC; empty where the engine told no time');

/** The `data` of each event of the stream, by the name of the event. Not called `error`: that is what browsers call a lost connection. */
export const liveShapes = {
  line: z.object({
    at,
    stream: z.enum(['stdout', 'stderr', 'terminal']),
    text: z.string().describe('without secrets'),
    cut: z.boolean().describe('its end was cut off'),
    error: error.optional().describe('the record that begins with this line is an error'),
  }),
  mark: z.object({ at, error, text: z.string().describe('of a record whose first line was shown before') }),
  skipped: z.object({ lines: z.int().describe('came too fast to be shown') }),
  left: z.object({}).describe('the container has ended; what one of this name writes later is shown again'),
  dropped: z.object({ because: z.string() }),
} as const satisfies Record<LiveEvent['type'] | 'dropped', z.ZodObject>;

/** What one container writes, as server-sent events, from now on. */
export function logStream({
  view,
  clock,
  closing,
  queues,
}: Pick<Deps, 'view' | 'clock' | 'closing' | 'queues'>): Route {
  const clients = new SseClients(MOST_VIEWERS, { clock, closing }, frame('dropped', { because: TOO_SLOW }));
  queues.push(() => ({ queue: 'log-viewers', fill: clients.size, limit: MOST_VIEWERS }));
  // The same event goes to everybody who watches the container.
  const frames = new WeakMap<LiveEvent, string>();
  const frameOf = (event: LiveEvent): string => {
    const known = frames.get(event);
    if (known !== undefined) return known;
    const { type, ...data } = event;
    const text = frame(type, data);
    frames.set(event, text);
    return text;
  };
  return {
    method: 'get',
    path: '/api/docker/logs/:name/stream',
    summary: 'Server-sent events: what this container writes from now on, errors marked with type and severity',
    success: { status: 200, type: 'text/event-stream', events: liveShapes },
    handle: (request, response) => {
      clients.requireRoom();
      const viewing = view.watchLog(`${request.params.name}`, event => clients.send(response, frameOf(event)));
      if (viewing.verdict === 'unknown')
        throw new Problem(404, 'there is no such container in scope', {
          problems: viewing.containers.slice(0, MOST_NAMES),
        });
      if (viewing.verdict === 'unread') throw new Problem(409, viewing.because);
      response.on('close', viewing.end);
      clients.admit(request, response);
    },
  };
}

const frame = (event: string, data: object): string => `event: ${event}\ndata: ${toJson(data)}\n\n`;
