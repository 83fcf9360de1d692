import type { Deps } from './deps.ts';
import { eventShapes } from './event-shapes.ts';
import type { Route } from './route.ts';
import { MOST_UNREAD_BYTES, SseClients } from './sse-clients.ts';
import { toJson } from './to-json.ts';
import type { WatchdogEvent } from './watchdog-view.ts';

const MOST_CLIENTS = 32;
/** Kept for clients that come back: so many, ... */
const REMEMBERED = 500;
/** ... and no more than one of them can be given at once without being dropped for it. */
const MOST_REMEMBERED_BYTES = MOST_UNREAD_BYTES / 2;

/** Subscribes to the watchdog and hands on what happens. Who does not read is cut off, and comes back with Last-Event-ID. */
export function eventStream({
  view,
  clock,
  closing,
  queues,
}: Pick<Deps, 'view' | 'clock' | 'closing' | 'queues'>): Route {
  const clients = new SseClients(MOST_CLIENTS, { clock, closing });
  queues.push(() => ({ queue: 'event-clients', fill: clients.size, limit: MOST_CLIENTS }));
  queues.push(() => ({ queue: 'event-bytes', fill: clients.mostUnread, limit: MOST_UNREAD_BYTES }));
  const remembered: Frame[] = [];
  let rememberedBytes = 0;
  let lastId = 0;
  const unsubscribe = view.subscribe(event => {
    lastId += 1;
    const frame = { id: lastId, text: frameOf(lastId, event) };
    remembered.push(frame);
    rememberedBytes += Buffer.byteLength(frame.text);
    while (remembered.length > REMEMBERED || rememberedBytes > MOST_REMEMBERED_BYTES)
      rememberedBytes -= Buffer.byteLength(remembered.shift()?.text ?? '');
    clients.sendAll(frame.text);
  });
  closing.addEventListener('abort', unsubscribe);
  return {
    method: 'get',
    path: '/api/events',
    summary:
      'Server-sent events: findings, decisions, approvals, incidents, outcomes, scaling; resumes after Last-Event-ID',
    success: { status: 200, type: 'text/event-stream', events: eventShapes },
    handle: (request, response) => {
      clients.requireRoom();
      if (!clients.admit(request, response)) return;
      for (const { text } of missed(remembered, request.get('Last-Event-ID'))) clients.send(response, text);
    },
  };
}

interface Frame {
  readonly id: number;
  readonly text: string;
}

/** Nothing for a client without an id: it has asked for the state before. An id from before our restart can be beyond ours. */
function missed(remembered: readonly Frame[], lastSeen: string | undefined): readonly Frame[] {
  const seen = Number(lastSeen ?? Number.NaN);
  return remembered.filter(({ id }) => id > seen);
}

const frameOf = (id: number, { type, at, project, service, data }: WatchdogEvent): string =>
  `id: ${id}\nevent: ${type}\ndata: ${toJson({ at: new Date(at).toISOString(), project, service, ...data })}\n\n`;
