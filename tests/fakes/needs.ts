import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import type { Space } from '../../watchdog/adapters/free-space.ts';
import type { Throttled, ThrottleMemory } from '../../watchdog/domain/throttled.ts';
import type { BackupNeeds } from '../../watchdog/repair/backup-volume.ts';
import type { StrategyNeeds } from '../../watchdog/repair/strategies.ts';
import { FakeClock } from './fake-clock.ts';
import { aBackup } from './watchdog-view.ts';

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

/** Every container has one volume, and there is a backup of that of shop/web, whichever is asked for. */
export function someBackups(): BackupNeeds['backups'] {
  const backup = aBackup({ service: 'web', container: 'shop-web-1' });
  const { source, target } = backup;
  return {
    volumesOf: async () => [{ type: 'volume', source, target, anonymous: false, writable: true }],
    take: async () => backup,
    sound: async () => backup,
    read: async function* () {},
  };
}

/** What all the built-in strategies together need, on a host with room. */
export const someNeeds = (docker: Docker): StrategyNeeds => ({
  docker,
  clock: new FakeClock(),
  throttles: fakeThrottles(),
  files: {
    freeSpace: async () => ROOMY,
    removeOldLogs: async () => 0,
    memory: async () => ({ total: 8e9, available: 6e9 }),
  },
  backups: someBackups(),
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
  ports: () => ({}),
  drainOf: () => undefined,
  logFile: () => '/nowhere/auto_repair.log',
  leftAlone: () => undefined,
});
