import { performance } from 'node:perf_hooks';
import { type Duration, seconds } from '../domain/time.ts';

/** A time in which the event loop did nothing else: no round, no event, no answer. */
export interface Stall {
  readonly took: Duration;
  /** How much of it the main thread computed. The rest it waited for the disk, or for the processor. */
  readonly computing: Duration;
}

/** Between two beats; and a beat that comes so much later than it is due makes a stall. */
export const BEAT: Duration = seconds(1);

/**
 * Notices when the event loop stands still: a timer of a fixed resolution, whose delay is the loop's delay. That is the method of
 * `perf_hooks.monitorEventLoopDelay` (Node.js, `src/histogram.cc`, IntervalHistogram), done by hand because that histogram cannot
 * tell when a stall was, and because its beats are wanted anyway. A loop that never comes back is the business of `loop-guard.ts`.
 * @param onBeat once a second, while the loop turns
 * @returns ends the watch
 */
export function watchEventLoop(onStall: (stall: Stall) => void, onBeat: () => void): () => void {
  let began = performance.now();
  let cpu = process.threadCpuUsage();
  const beat = () => {
    const took = performance.now() - began - BEAT;
    const used = process.threadCpuUsage(cpu);
    // The timer of the next beat counts from here on.
    began = performance.now();
    cpu = process.threadCpuUsage();
    timer = setTimeout(beat, BEAT).unref();
    if (took >= BEAT) onStall({ took, computing: Math.min(took, (used.user + used.system) / 1_000) });
    onBeat();
  };
  let timer = setTimeout(beat, BEAT).unref();
  return () => clearTimeout(timer);
}
