import type { EngineEvent } from '../adapters/docker/docker.ts';
import type { Replica, Seen } from '../domain/service.ts';
import { isSetAside } from '../domain/set-aside.ts';
import { seconds } from '../domain/time.ts';
import { isStopping } from '../domain/wellness.ts';

/** Deaths that are kept per container: enough to tell a loop. */
const DEATHS_KEPT = 10;
/** An end so soon after a signal is laid to it: the engine's default stop grace. */
const SOON_AFTER_SIGNAL = seconds(10);

/** Signals that ask a container to end in good order; SIGKILL alone is what a crash test or the kernel sends. */
const KILL_SIGNALS = new Set(['9', 'KILL', 'SIGKILL']);
/** Signals that programs use for other things than ending: reload, rotate, resize. */
const HARMLESS_SIGNALS = new Set([
  '1',
  'HUP',
  'SIGHUP',
  '10',
  'USR1',
  'SIGUSR1',
  '12',
  'USR2',
  'SIGUSR2',
  '28',
  'WINCH',
  'SIGWINCH',
]);

/**
 * The replica as it stands after the event, as far as an event can tell; what was inspected before it is void. `ours`: our own
 * repair caused it.
 */
export function afterEvent(replica: Replica, event: EngineEvent, ours: boolean): Replica {
  const seen = { ...replica.seen, ...seenIn(event, replica, ours) };
  const moved = { ...replica, seen, inspected: undefined };
  switch (event.action) {
    case 'start':
      // `starting` is corrected by the look; until then nobody takes the health from before the start for the present one.
      return { ...moved, state: 'running', health: replica.health === 'none' ? 'none' : 'starting', samples: [] };
    case 'die':
      return { ...moved, state: 'exited', exitCode: event.exitCode, samples: [] };
    case 'pause':
      return { ...moved, state: 'paused' };
    case 'unpause':
      return { ...moved, state: 'running' };
    case 'health':
      return { ...moved, health: event.health ?? replica.health };
    case 'rename':
      return {
        ...replica,
        seen,
        name: event.name,
        oneOff: event.oneOff || isSetAside({ id: replica.id, name: event.name }),
      };
    case 'update':
      // Shares of a limit that it does not have any more.
      return { ...moved, samples: [] };
    default:
      return { ...replica, seen };
  }
}

function seenIn(event: EngineEvent, replica: Replica, ours: boolean): Partial<Seen> {
  const before = replica.seen;
  switch (event.action) {
    case 'start':
      return { oom: false, signalled: undefined, stoppedByHandAt: undefined };
    case 'oom':
      return { oom: true };
    case 'kill':
      return ours ? {} : { signalled: signalled(event, before.signalled) };
    case 'die':
      return {
        deaths: ours ? before.deaths : [...before.deaths, event.at].slice(-DEATHS_KEPT),
        signalled: undefined,
        stoppedByHandAt: !ours && endedBySignal(event, replica) ? event.at : before.stoppedByHandAt,
      };
    case 'stop':
      return ours ? {} : { stoppedByHandAt: before.stoppedByHandAt ?? event.at };
    case 'health':
      return event.health === 'healthy' ? { healthyAt: event.at } : {};
    default:
      return {};
  }
}

function signalled({ signal = '', at }: EngineEvent, before: Seen['signalled']): Seen['signalled'] {
  if (KILL_SIGNALS.has(signal)) return before;
  const toEnd = !HARMLESS_SIGNALS.has(signal);
  return toEnd || before?.toEnd !== true ? { at, toEnd } : before;
}

/**
 * Whether it ended because somebody told it to. Some programs are told to end by a signal that others reload on (`STOPSIGNAL`:
 * Apache SIGWINCH, HAProxy SIGUSR1): what ends with 0, or killed by a signal, right after one has not crashed.
 */
function endedBySignal({ exitCode = 0, at }: EngineEvent, replica: Replica): boolean {
  if (isStopping(replica, at)) return true;
  const { signalled } = replica.seen;
  const justNow = signalled !== undefined && at < signalled.at + SOON_AFTER_SIGNAL;
  return justNow && (exitCode === 0 || exitCode > 128);
}
