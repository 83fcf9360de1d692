import type { EngineEvent } from '../adapters/docker/docker.ts';
import type { Replica, Seen } from '../domain/service.ts';

/** Deaths that are kept per container: enough to tell a loop. */
const DEATHS_KEPT = 10;

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
  const seen = { ...replica.seen, ...seenIn(event, replica.seen, ours) };
  const moved = { ...replica, seen, inspected: undefined };
  switch (event.action) {
    case 'start':
      // `starting` is corrected by the look; until then nobody takes the health from before the start for the present one.
      return { ...moved, state: 'running', health: replica.health === 'none' ? 'none' : 'starting' };
    case 'die':
      return { ...moved, state: 'exited', exitCode: event.exitCode };
    case 'pause':
      return { ...moved, state: 'paused' };
    case 'unpause':
      return { ...moved, state: 'running' };
    case 'health':
      return { ...moved, health: event.health ?? replica.health };
    case 'rename':
      return { ...replica, seen, name: event.name };
    default:
      return { ...replica, seen };
  }
}

function seenIn(event: EngineEvent, before: Seen, ours: boolean): Partial<Seen> {
  switch (event.action) {
    case 'start':
      return { oom: false, stopping: false, stoppedByHandAt: undefined };
    case 'oom':
      return { oom: true };
    case 'kill':
      return { stopping: before.stopping || (!ours && asksToEnd(event.signal)) };
    case 'die':
      return {
        deaths: ours ? before.deaths : [...before.deaths, event.at].slice(-DEATHS_KEPT),
        stopping: false,
        stoppedByHandAt: before.stopping && !ours ? event.at : before.stoppedByHandAt,
      };
    case 'stop':
      return ours ? {} : { stoppedByHandAt: before.stoppedByHandAt ?? event.at, stopping: false };
    case 'health':
      return event.health === 'healthy' ? { healthyAt: event.at } : {};
    default:
      return {};
  }
}

const asksToEnd = (signal: string | undefined): boolean =>
  signal !== undefined && !KILL_SIGNALS.has(signal) && !HARMLESS_SIGNALS.has(signal);
