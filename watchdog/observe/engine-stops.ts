import { type Docker, EngineError, type EngineEvent } from '../adapters/docker/docker.ts';
import type { EngineMemory } from '../adapters/docker/engine-memory.ts';
import type { Logger } from '../adapters/logger.ts';
import { type Duration, type Instant, seconds } from '../domain/time.ts';
import type { StackKeeper } from './stack-keeper.ts';

export interface StopTools {
  readonly docker: Pick<Docker, 'recall'>;
  readonly stack: Pick<StackKeeper, 'ids' | 'replica' | 'mark'>;
  readonly stops: { forgetStop(containerId: string): void };
  readonly rememberedStops: () => readonly { readonly containerId: string; readonly at: Instant }[];
  /** When the engine last answered a round of the watchdog before this one; undefined where nobody knows. */
  readonly answeredAt: Instant | undefined;
  readonly logger: Pick<Logger, 'error' | 'warn'>;
}

/**
 * An engine that shuts down stops its containers one after the other and tells so in the same events as a person's stop
 * would; by default it takes up to 15 s for that (dockerd `--shutdown-timeout`). Such stops are nobody's intent.
 */
const SHUTDOWN: Duration = seconds(15);

/**
 * Whose stop it was where the events of an engine look like a person's. It stops its containers when it goes down. When it is
 * started it stops what has outlived the one before, which was killed, or was told of a start while it went down; then it answers.
 * A connection that was only cut looks the same from here, and people stop things meanwhile: so the engine that answers is asked
 * what it remembers. A judgement that cannot be had now is asked for again at the next round.
 */
export class EngineStops {
  readonly #tools: StopTools;
  /** What is not judged yet: whether the engine that answers is the one that was heard last, and until when that was. */
  #open: { readonly heardUntil: Instant | undefined } | undefined;
  #hasJudged = false;
  #outlived: ReadonlyMap<string, Instant> = new Map();

  constructor(tools: StopTools) {
    this.#tools = tools;
    this.#open = { heardUntil: tools.answeredAt };
  }

  /** This watchdog may not live to see the engine come back, and the next one mostly knows what the ledger remembers. */
  wentDown(endedAt: Instant): void {
    try {
      this.#forgetShutdown(endedAt);
    } catch (error) {
      this.#tools.logger.error('stops of an engine that went away could not be forgotten', { error: String(error) });
    }
  }

  /** An engine may be another one though it was never seen to be away: systemd keeps its socket, and whoever asks waits. */
  isBack({ at, wasAway }: { readonly at: Instant; readonly wasAway: boolean }): void {
    this.#open = { heardUntil: this.#hasJudged ? at : this.#tools.answeredAt };
    if (wasAway) this.#forgetShutdown(at);
  }

  /** To be done before each round; mostly there is nothing to do. Never throws. */
  async judge(signal?: AbortSignal): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    try {
      const memory = await this.#tools.docker.recall(signal);
      // It went away again meanwhile.
      if (open !== this.#open) return;
      for (const stop of this.#tools.rememberedStops())
        if (isOfShutdown(stop, open.heardUntil, memory)) this.#forget(stop.containerId);
      this.#outlived = outlivedIn(memory);
      this.forgetOutlived();
      this.#open = undefined;
      this.#hasJudged = true;
    } catch (error) {
      if (signal?.aborted) return;
      // Who may not ask, behind a proxy of the operator's own, will not be answered next time either.
      if (error instanceof EngineError && !error.mayPassByItself) this.#open = undefined;
      this.#tools.logger.warn('what the engine stopped itself cannot be told from what people stopped', {
        error: error instanceof Error ? error.message : String(error),
      });
    }
  }

  /** To be done whenever the stack was told of stops anew: by a list and the ledger, or by an event of this container. */
  forgetOutlived(event?: Pick<EngineEvent, 'containerId'>): void {
    const { stack } = this.#tools;
    for (const [id, endedAt] of this.#outlived) {
      if (event !== undefined && event.containerId !== id) continue;
      const replica = stack.replica(id);
      if (replica?.state !== 'exited') continue;
      const { stoppedByHandAt, deaths } = replica.seen;
      // It has been started since, and stopped again.
      if (stoppedByHandAt !== undefined && stoppedByHandAt > endedAt) continue;
      // Without a death its restart policy would have to say who stopped it, and says that a person did.
      if (deaths.length === 0) stack.mark(id, { deaths: [endedAt] });
      if (stoppedByHandAt !== undefined) this.#forget(id);
    }
  }

  #forgetShutdown(awaySince: Instant): void {
    const { stack } = this.#tools;
    for (const id of [...stack.ids()]) {
      const stoppedAt = stack.replica(id)?.seen.stoppedByHandAt;
      if (stoppedAt !== undefined && stoppedAt >= awaySince - SHUTDOWN) this.#forget(id);
    }
  }

  #forget(id: string): void {
    this.#tools.stack.mark(id, { stoppedByHandAt: undefined });
    this.#tools.stops.forgetStop(id);
  }
}

/**
 * Whether it was stopped by an engine that went down: nothing was heard of that one once it would have been down, and the one that
 * answers now is another one, for it remembers all that it has told, and this stop is none of it.
 */
export function isOfShutdown(
  stop: { readonly containerId: string; readonly at: Instant },
  heardUntil: Instant | undefined,
  memory: EngineMemory,
): boolean {
  if (heardUntil === undefined || stop.at < heardUntil - SHUTDOWN) return false;
  // Behind `at` nothing was asked for: its clock was set back since.
  if (!memory.isWhole || memory.restoresLive || memory.at < stop.at) return false;
  return !memory.events.some(({ containerId, at }) => containerId === stop.containerId && at === stop.at);
}

/**
 * What the engine has ended and never started, by id, with the moment. An engine starts all that it runs itself, and a person can
 * stop nothing else, unless it takes over what runs when it is started (`--live-restore`). It ends that before it answers (moby
 * daemon/daemon.go, `restore`).
 */
export function outlivedIn({ events, isWhole, restoresLive }: EngineMemory): ReadonlyMap<string, Instant> {
  const outlived = new Map<string, Instant>();
  if (!isWhole || restoresLive) return outlived;
  const started = new Set<string>();
  for (const { action, containerId, at } of events) {
    if (action === 'start') started.add(containerId);
    else if ((action === 'die' || action === 'stop') && !started.has(containerId)) outlived.set(containerId, at);
  }
  return outlived;
}
