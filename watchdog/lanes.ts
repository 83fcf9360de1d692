import type { Clock } from './adapters/clock.ts';
import type { Finding, FindingKind } from './domain/finding.ts';
import { nameOf } from './domain/service.ts';
import type { Instant } from './domain/time.ts';

/** One of each can wait in a lane. The type sees to it that none is left out. */
const KINDS: Readonly<Record<FindingKind, true>> = {
  changed: true,
  'stands-wrong': true,
  'parent-restarted': true,
  'dependency-repaired': true,
  'look-again': true,
  asked: true,
  'engine-lost': true,
  'engine-back': true,
  measured: true,
  alert: true,
  error: true,
  load: true,
};

/** So many findings about one service can wait. */
export const MOST_FINDINGS = Object.keys(KINDS).length;

interface Lane {
  /** Findings that arrived while another one is attended to: the newest of each kind. */
  readonly waiting: Map<FindingKind, Finding>;
  /** Settles when the lane has nothing left to do. */
  done: Promise<void>;
}

/**
 * One lane per service: findings about one service are attended to one after the other, those about different services side
 * by side. What arrives meanwhile waits, the newest of each kind, so memory is bounded by services times kinds, not by
 * arrivals.
 */
export class Lanes {
  readonly #attend: (finding: Finding) => Promise<void>;
  readonly #clock: Pick<Clock, 'after' | 'now'>;
  readonly #lanes = new Map<string, Lane>();
  readonly #wakeUps = new Map<string, { readonly at: Instant; readonly cancel: () => void }>();
  #closed = false;

  /** @param attend must not throw: it is the road, which holds its own catch. */
  constructor(attend: (finding: Finding) => Promise<void>, clock: Pick<Clock, 'after' | 'now'>) {
    this.#attend = attend;
    this.#clock = clock;
  }

  submit(finding: Finding): void {
    if (this.#closed) return;
    const key = nameOf(finding.target);
    const lane = this.#lanes.get(key);
    if (lane !== undefined) {
      lane.waiting.set(finding.kind, finding);
      return;
    }
    const opened: Lane = { waiting: new Map([[finding.kind, finding]]), done: Promise.resolve() };
    this.#lanes.set(key, opened);
    opened.done = this.#run(key, opened);
  }

  /** Submits the finding at that time, unless an earlier look at the service is due already. */
  submitAt(at: Instant, finding: (now: Instant) => Finding, key: string): void {
    const due = this.#wakeUps.get(key);
    if (this.#closed || (due !== undefined && due.at <= at)) return;
    due?.cancel();
    const cancel = this.#clock.after(at - this.#clock.now(), () => {
      this.#wakeUps.delete(key);
      this.submit(finding(this.#clock.now()));
    });
    this.#wakeUps.set(key, { at, cancel });
  }

  /** Services that are being attended to. */
  get busy(): number {
    return this.#lanes.size;
  }

  /** Findings that wait, of all lanes. */
  get waiting(): number {
    return this.#lanes.values().reduce((total, lane) => total + lane.waiting.size, 0);
  }

  /** Nothing is taken any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Takes nothing new; resolves when what is under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { cancel } of this.#wakeUps.values()) cancel();
    this.#wakeUps.clear();
    for (const lane of this.#lanes.values()) lane.waiting.clear();
    await this.idle();
  }

  /** Resolves when every lane has run dry. */
  async idle(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all([...this.#lanes.values()].map(lane => lane.done));
  }

  async #run(key: string, lane: Lane): Promise<void> {
    for (let next = takeFirst(lane.waiting); next !== undefined; next = takeFirst(lane.waiting))
      await this.#attend(next);
    this.#lanes.delete(key);
  }
}

function takeFirst(waiting: Map<FindingKind, Finding>): Finding | undefined {
  const first = waiting.entries().next().value;
  if (first === undefined) return undefined;
  waiting.delete(first[0]);
  return first[1];
}
