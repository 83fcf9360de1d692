import type { Clock } from '../adapters/clock.ts';
import type { Docker, EngineEvent } from '../adapters/docker/docker.ts';
import { EngineError } from '../adapters/docker/docker.ts';
import type { Finding } from '../domain/finding.ts';
import { HOST } from '../domain/finding.ts';
import type { Duration, Instant } from '../domain/time.ts';
import { seconds } from '../domain/time.ts';

/** The wait before the stream is opened again doubles from the first to the last while the engine is away. */
const FIRST_WAIT: Duration = 50;
const LONGEST_WAIT: Duration = seconds(2);
/** Identities kept to drop what the engine replays after `since`. It replays at most 256 events (moby daemon/events). */
const IDENTITIES_KEPT = 1_024;

export interface EventWatch {
  readonly docker: Pick<Docker, 'events'>;
  /** Asked of the engine, so that nothing else is sent; undefined for all projects. */
  readonly project: string | undefined;
  readonly since: Instant | undefined;
  readonly clock: Clock;
  /**
   * The engine accepted the subscription: time to list. `closed`: when the stream before ended, and whether the engine is known to
   * have been gone meanwhile; undefined for the first one of an engine that was there.
   */
  readonly onOpen: (closed: { readonly at: Instant; readonly wasAway: boolean } | undefined) => void;
  readonly onEvent: (event: EngineEvent) => void;
  /** The engine is gone; the stream ended then. Must not throw. */
  readonly onLost: (endedAt: Instant) => void;
  readonly emit: (finding: Finding) => void;
}

/**
 * Reads the engine's events until the signal fires, opening the stream again whenever it ends and resuming with `since`. The
 * reader only hands on: the engine may drop events to a slow one. That the engine is away is a finding, told once, and so is
 * its return.
 */
export async function watchEvents(watch: EventWatch, signal: AbortSignal): Promise<void> {
  const recent = new Set<string>();
  let since = watch.since;
  let wait = FIRST_WAIT;
  // The watchdog may have died while the engine was away, so the first answer counts as its return as well.
  let engine: 'unknown' | 'there' | 'away' = 'unknown';
  let endedAt = watch.clock.now();
  const onOpen = () => {
    wait = FIRST_WAIT;
    // Else what happens before the first event would be missed while the stream is opened again.
    since ??= watch.clock.now();
    if (engine !== 'there') watch.emit(engineFinding('engine-back', watch.clock.now(), 'the engine answers'));
    watch.onOpen(engine === 'unknown' ? undefined : { at: endedAt, wasAway: engine === 'away' });
    engine = 'there';
  };
  while (!signal.aborted) {
    try {
      for await (const event of watch.docker.events({ project: watch.project, since, onOpen, signal })) {
        if (alreadySeen(recent, event.identity)) continue;
        since = Math.max(since ?? 0, event.at);
        watch.onEvent(event);
      }
      endedAt = watch.clock.now();
    } catch (error) {
      if (signal.aborted) return;
      if (engine !== 'away') {
        watch.onLost(endedAt);
        watch.emit(engineFinding('engine-lost', watch.clock.now(), reasonOf(error)));
      }
      engine = 'away';
    }
    await watch.clock.sleep(wait, signal).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

function alreadySeen(recent: Set<string>, identity: string): boolean {
  if (recent.has(identity)) return true;
  recent.add(identity);
  if (recent.size > IDENTITIES_KEPT) recent.delete(recent.values().next().value as string);
  return false;
}

function engineFinding(kind: 'engine-lost' | 'engine-back', now: Instant, reason: string): Finding {
  return {
    kind,
    target: { project: HOST, service: 'engine' },
    source: 'events',
    at: now,
    seenAt: now,
    evidence: { reason },
  };
}

const reasonOf = (error: unknown): string =>
  error instanceof EngineError ? error.message : `the event stream broke: ${String(error)}`;
