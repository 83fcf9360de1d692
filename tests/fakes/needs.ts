import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backupStore } from '../../watchdog/adapters/backup-store.ts';
import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import type { Space } from '../../watchdog/adapters/free-space.ts';
import type { Throttled, ThrottleMemory } from '../../watchdog/domain/throttled.ts';
import { Backups } from '../../watchdog/repair/backups.ts';
import type { StrategyNeeds } from '../../watchdog/repair/strategies.ts';
import { FakeClock } from './fake-clock.ts';

/** A disk with more than enough room. */
export const ROOMY: Space = { device: 1, free: 0.5, freeBytes: 50_000_000_000 };

/** Whom we gave less, in memory. */
export function fakeThrottles(): ThrottleMemory {
  const known = new Map<string, Throttled>();
  return {
    rememberThrottle: throttled => void known.set(throttled.containerId, throttled),
    forgetThrottle: containerId => void known.delete(containerId),
    throttles: () => [...known.values()],
  };
}

/** What all the built-in strategies together need, on a host with room. */
export const someNeeds = (docker: Docker): StrategyNeeds => ({
  docker,
  clock: new FakeClock(),
  throttles: fakeThrottles(),
  files: { freeSpace: async () => ROOMY, removeOldLogs: async () => 0 },
  backups: new Backups({
    docker,
    store: backupStore(join(tmpdir(), 'cw-needs-no-backups')),
    clock: new FakeClock(),
    allowed: () => ({ keep: 5, maxBytes: 1_000_000 }),
    freeSpace: async () => ROOMY,
  }),
  allowed: () => ({
    threshold: 0.1,
    cleanup: {
      buildCache: true,
      danglingImages: true,
      logsOlderThan: 86_400_000,
      logPaths: [],
      stoppedContainers: false,
      systemPrune: false,
    },
  }),
  drainOf: () => undefined,
  logFile: () => '/nowhere/auto_repair.log',
});
