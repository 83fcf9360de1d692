import type { Instant } from '../../domain/time.ts';
import type { LedgerFile } from './ledger-file.ts';

/** A message that waits for its delivery. */
export interface Waiting {
  readonly id: number;
  readonly channel: string;
  readonly incident: string;
  /** JSON, without keys and addresses. */
  readonly body: string;
  /** Grows with each try, whether or not its end was seen. */
  readonly tries: number;
  readonly nextTryAt: Instant;
  readonly createdAt: Instant;
}

/** What people were told of an incident that is not over, as JSON. */
export interface ToldThread {
  readonly incident: string;
  readonly told: string;
}

export interface Post {
  readonly incident: string;
  /** What people know after these messages; undefined: the incident is over, and what is still held of it is taken back. */
  readonly told: string | undefined;
  readonly messages: readonly { readonly channel: string; readonly body: string }[];
  readonly now: Instant;
  /** Held back until then. */
  readonly notBefore: Instant;
}

export interface TimedPost extends Pick<Post, 'incident' | 'messages' | 'now'> {
  readonly bookmark: string;
  readonly upTo: Instant;
}

/**
 * Messages on their way out, in the ledger's file, so that they survive what the incidents survive. Each method is one
 * transaction and throws `LedgerError`.
 */
export interface Outbox {
  /** @returns by channel, how many of its oldest messages were dropped because its queue is full. */
  post(post: Post): ReadonlyMap<string, number>;
  /**
   * What is told once for each moment, and in no thread: messages and bookmark are written together, or neither.
   * @returns as `post`; nothing is posted where the bookmark has got so far already.
   */
  postOnce(post: TimedPost): ReadonlyMap<string, number>;
  threads(): readonly ToldThread[];
  /** Threads with no message waiting on this channel: what its receiver should know by now. */
  threadsKnownAt(channel: string): readonly ToldThread[];
  /** The next message of the channel, due or waiting for its next try. Those that are held back do not stand in its way. */
  head(channel: string, now: Instant): Waiting | undefined;
  /** When the next held message of the channel falls due. */
  heldUntil(channel: string, now: Instant): Instant | undefined;
  /** Before each try: one more, and not again before then. */
  noteTry(id: number, nextTryAt: Instant): void;
  postpone(id: number, nextTryAt: Instant): void;
  remove(id: number): void;
  /** By channel, how many messages wait; a channel without any is not there. */
  waitingNow(): ReadonlyMap<string, number>;
  /** Whether messages of the incident are held back: its receivers have not heard of it. */
  holds(incident: string, now: Instant): boolean;
  /** After a restart: what was held and not tried is held once more, for what would withdraw it may have come meanwhile. */
  holdAnew(until: Instant): void;
  /** Gives up what was posted before then. @returns the incidents, one for each message. */
  expire(channel: string, before: Instant): readonly string[];
}

/** Per channel, the one that is being tried apart: it paces the others. Nobody reads more of what a receiver missed while it was down, and the ledger stays small. */
export const QUEUE_LIMIT = 500;

/** Compared with its own time as well, or a clock that is set back would hold everything. */
const HELD = 'tries = 0 AND next_try_at > created_at AND next_try_at > :now';

interface Row {
  readonly id: number;
  readonly channel: string;
  readonly incident: string;
  readonly body: string;
  readonly tries: number;
  readonly next_try_at: number;
  readonly created_at: number;
}

export const outboxIn = (file: LedgerFile): Outbox => ({ ...threadsIn(file), ...queuesIn(file), ...triesIn(file) });

function threadsIn(file: LedgerFile): Pick<Outbox, 'post' | 'postOnce' | 'threads' | 'threadsKnownAt'> {
  return {
    post: post => file.write(() => put(file, post)),

    postOnce: post => file.write(() => putOnce(file, post)),

    threads: () =>
      file.read(() => file.rows<ToldThread>('SELECT incident, told FROM thread ORDER BY rowid').map(plain)),

    threadsKnownAt: channel =>
      file.read(() =>
        file
          .rows<ToldThread>(
            `SELECT incident, told FROM thread WHERE NOT EXISTS
               (SELECT 1 FROM outbox WHERE outbox.incident = thread.incident AND channel = :channel) ORDER BY rowid`,
            { channel },
          )
          .map(plain),
      ),
  };
}

function queuesIn(
  file: LedgerFile,
): Pick<Outbox, 'head' | 'heldUntil' | 'waitingNow' | 'holds' | 'holdAnew' | 'expire'> {
  return {
    head: (channel, now) =>
      file.read(() => {
        const row = file.row<Row>(
          `SELECT * FROM outbox WHERE channel = :channel AND NOT (${HELD}) ORDER BY id LIMIT 1`,
          { channel, now },
        );
        return row && waitingFrom(row);
      }),

    heldUntil: (channel, now) =>
      file.read(
        () =>
          file.row<{ at: number | null }>(
            `SELECT min(next_try_at) AS at FROM outbox WHERE channel = :channel AND ${HELD}`,
            { channel, now },
          )?.at ?? undefined,
      ),

    waitingNow: () =>
      file.read(
        () =>
          new Map(
            file
              .rows<{ channel: string; n: number }>(
                'SELECT channel, count(*) AS n FROM outbox WHERE tries = 0 GROUP BY channel',
              )
              .map(({ channel, n }) => [channel, n]),
          ),
      ),

    holds: (incident, now) =>
      file.read(
        () => file.row(`SELECT id FROM outbox WHERE incident = :incident AND ${HELD}`, { incident, now }) !== undefined,
      ),

    holdAnew: until =>
      file.write(() => {
        file.run('UPDATE outbox SET next_try_at = :until WHERE tries = 0 AND next_try_at > created_at', { until });
      }),

    expire: (channel, before) =>
      file.write(() =>
        file
          .rows<{ incident: string }>(
            'DELETE FROM outbox WHERE channel = :channel AND created_at < :before RETURNING incident',
            { channel, before },
          )
          .map(({ incident }) => incident),
      ),
  };
}

function triesIn(file: LedgerFile): Pick<Outbox, 'noteTry' | 'postpone' | 'remove'> {
  return {
    noteTry: (id, at) =>
      file.write(() => {
        file.run('UPDATE outbox SET tries = tries + 1, next_try_at = :at WHERE id = :id', { id, at });
      }),

    postpone: (id, at) =>
      file.write(() => {
        file.run('UPDATE outbox SET next_try_at = :at WHERE id = :id', { id, at });
      }),

    remove: id =>
      file.write(() => {
        file.run('DELETE FROM outbox WHERE id = :id', { id });
      }),
  };
}

function put(file: LedgerFile, { incident, told, messages, now, notBefore }: Post): ReadonlyMap<string, number> {
  if (told === undefined) {
    file.run('DELETE FROM thread WHERE incident = :incident', { incident });
    file.run(`DELETE FROM outbox WHERE incident = :incident AND ${HELD}`, { incident, now });
  } else
    file.run('INSERT INTO thread (incident, told) VALUES (:incident, :told) ON CONFLICT DO UPDATE SET told = :told', {
      incident,
      told,
    });
  return enqueue(file, { incident, messages, now, notBefore });
}

function putOnce(file: LedgerFile, { bookmark, upTo, ...post }: TimedPost): ReadonlyMap<string, number> {
  const { changes } = file.run(
    `INSERT INTO bookmark (name, at) VALUES (:bookmark, :upTo)
     ON CONFLICT DO UPDATE SET at = excluded.at WHERE at < excluded.at`,
    { bookmark, upTo },
  );
  return changes === 0 ? new Map() : enqueue(file, { ...post, notBefore: post.now });
}

function enqueue(
  file: LedgerFile,
  { incident, messages, now, notBefore }: Omit<Post, 'told'>,
): ReadonlyMap<string, number> {
  const dropped = new Map<string, number>();
  for (const { channel, body } of messages) {
    file.run(
      `INSERT INTO outbox (channel, incident, body, created_at, next_try_at, tries)
       VALUES (:channel, :incident, :body, :now, :notBefore, 0)`,
      { channel, incident, body, now, notBefore },
    );
    const { changes } = file.run(
      `DELETE FROM outbox WHERE id IN
         (SELECT id FROM outbox WHERE channel = :channel AND tries = 0 ORDER BY id DESC LIMIT -1 OFFSET ${QUEUE_LIMIT})`,
      { channel },
    );
    if (changes > 0) dropped.set(channel, changes);
  }
  return dropped;
}

const plain = ({ incident, told }: ToldThread): ToldThread => ({ incident, told });

const waitingFrom = ({ next_try_at, created_at, ...row }: Row): Waiting => ({
  id: row.id,
  channel: row.channel,
  incident: row.incident,
  body: row.body,
  tries: row.tries,
  nextTryAt: next_try_at,
  createdAt: created_at,
});
