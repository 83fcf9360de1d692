import { type ChildProcess, spawn } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { type Duration, inWords, minutes, seconds } from '../domain/time.ts';
import type { Logger } from './logger.ts';

/** Ends the process when its event loop has stood still for too long. */
export interface LoopGuard {
  /** The loop turns. To be called once a second or so. */
  beat(): void;
  /** The process may stand still from now on, or end. */
  close(): void;
}

/**
 * The guard: a process of its own that is sent a beat now and then, and ends us when none comes. It counts missed beats and not time,
 * so that a container that was paused is not ended when it goes on. Where we are gone the pipe has ended, and so does the guard.
 * `timeout` says 124 (coreutils) or 143 (busybox) when the time is up.
 */
const SCRIPT = `
misses=0
while [ "$misses" -lt "$4" ]; do
  beat=$(timeout "$2" head -c 1)
  status=$?
  if [ -n "$beat" ]; then misses=0; continue; fi
  case "$status" in
    124 | 143) misses=$((misses + 1)) ;;
    *) exit "$status" ;;
  esac
done
printf '%s\\n' "$3" >&2
kill -s ALRM "$1"
`;

/** In a row, and then it acts. */
const MISSES = 4;

const TRY_AGAIN_AFTER: Duration = minutes(1);

/**
 * Starts the guard. Nothing within the process could do its work: code that never returns holds up every timer and every signal
 * handler. A worker thread could, and would cost 8 MB; a shell costs less than two, in processes of their own
 * (docs/decisions/0013). SIGALRM, which nobody handles, tells this end (exit status 142) from the kernel's SIGKILL for want of
 * memory.
 * @param limit so long the loop may stand still; a fifth more at most until it is ended, and in whole seconds
 */
export function guardEventLoop(limit: Duration, logger: Logger): LoopGuard {
  const tick = Math.max(1, Math.ceil(limit / seconds(MISSES)));
  const last = `watchdog: the event loop has stood still for ${inWords(seconds(tick * MISSES))}; ending the watchdog (SIGALRM), so that the restart policy can start it afresh`;
  let guard: ChildProcess | undefined;
  let closed = false;
  let sentAt = 0;
  const start = () => {
    if (closed) return;
    guard = spawn('sh', ['-c', SCRIPT, 'watchdog-guard', String(process.pid), String(tick), last, String(MISSES)], {
      stdio: ['pipe', 'ignore', 'inherit'],
      // Not of our group: Ctrl-C in a terminal is for us, and we end the guard.
      detached: true,
      env: { PATH: process.env.PATH },
    });
    guard.unref();
    // It is gone, which its exit says as well.
    guard.stdin?.on('error', () => undefined);
    guard.once('error', error => lost(error.message));
    guard.once('exit', status => lost(`it has ended with ${status}`));
  };
  const lost = (because: string) => {
    if (guard === undefined) return;
    guard = undefined;
    if (closed) return;
    logger.warn('nobody watches over the event loop; trying again in a minute', { error: because });
    setTimeout(start, TRY_AGAIN_AFTER).unref();
  };
  start();
  return {
    beat: () => {
      const now = performance.now();
      // Two in each tick are enough.
      if (now - sentAt < seconds(tick) / 2) return;
      sentAt = now;
      guard?.stdin?.write('.');
    },
    close: () => {
      closed = true;
      guard?.stdin?.end();
    },
  };
}
