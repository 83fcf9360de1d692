import type { Response } from 'express';
import type { Deps } from './deps.ts';
import { eventShapes } from './event-shapes.ts';
import { Problem } from './problem.ts';
import type { Route } from './route.ts';
import { toJson } from './to-json.ts';
import type { WatchdogEvent } from './watchdog-view.ts';

/** Each client costs a connection and a buffer. */
const MOST_CLIENTS = 32;
/** A client that has this much unread is dropped: it comes back with Last-Event-ID. */
const MOST_UNREAD_BYTES = 256 * 1_024;
/** Kept for clients that come back: so many, ... */
const REMEMBERED = 500;
/** ... and no more than one of them can be given at once without being dropped for it. */
const MOST_REMEMBERED_BYTES = MOST_UNREAD_BYTES / 2;
/** Proxies cut connections that are silent for a minute or less. */
const HEARTBEAT = 15_000;

/** Server-sent events (HTML Living Standard, section 9.2): subscribes to the watchdog and hands on what happens. */
export function eventStream({
  view,
  clock,
  closing,
  queues,
}: Pick<Deps, 'view' | 'clock' | 'closing' | 'queues'>): Route {
  const clients = new Set<Response>();
  queues.push(() => ({ queue: 'event-clients', fill: clients.size, limit: MOST_CLIENTS }));
  queues.push(() => ({ queue: 'event-bytes', fill: mostUnread(clients), limit: MOST_UNREAD_BYTES }));
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
    for (const client of clients) send(client, frame.text);
  });
  const beat = (): void => {
    for (const client of clients) send(client, ': still here\n\n');
    cancelHeartbeat = clock.after(HEARTBEAT, beat);
  };
  let cancelHeartbeat = clock.after(HEARTBEAT, beat);
  closing.addEventListener('abort', () => {
    unsubscribe();
    cancelHeartbeat();
    for (const client of clients) client.end();
  });
  return {
    method: 'get',
    path: '/api/events',
    summary:
      'Server-sent events: findings, decisions, approvals, incidents, outcomes, scaling; resumes after Last-Event-ID',
    success: { status: 200, type: 'text/event-stream', events: eventShapes },
    handle: (request, response) => {
      if (clients.size >= MOST_CLIENTS)
        throw new Problem(503, `${MOST_CLIENTS} clients are watching already`, { headers: { 'Retry-After': '30' } });
      response.status(200).set({ 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
      if (request.method === 'HEAD' || closing.aborted) {
        response.end();
        return;
      }
      clients.add(response);
      response.on('close', () => clients.delete(response));
      response.write(': hello\n\n');
      for (const { text } of missed(remembered, request.get('Last-Event-ID'))) send(response, text);
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

/** Of the client that reads slowest. */
const mostUnread = (clients: ReadonlySet<Response>): number =>
  Math.max(0, ...[...clients].map(({ writableLength }) => writableLength));

function send(client: Response, text: string): void {
  client.write(text);
  if (client.writableLength > MOST_UNREAD_BYTES) client.destroy();
}

const frameOf = (id: number, { type, at, project, service, data }: WatchdogEvent): string =>
  `id: ${id}\nevent: ${type}\ndata: ${toJson({ at: new Date(at).toISOString(), project, service, ...data })}\n\n`;
