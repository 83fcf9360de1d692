import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import type { AnyStrategy } from '../domain/repair.ts';
import { type BackupNeeds, backupVolume } from './backup-volume.ts';
import { cleanRestart } from './clean-restart.ts';
import { type CleanupTools, cleanup } from './cleanup.ts';
import { createMissingPath } from './create-missing-path.ts';
import { type EnvFileNeeds, editEnvFile } from './edit-env-file.ts';
import { type ExecNeeds, execCommand } from './exec-command.ts';
import { findAlternativePort, type PortTools } from './find-alternative-port.ts';
import { fixPermissions } from './fix-permissions.ts';
import { notify } from './notify.ts';
import { pullAndRecreate } from './pull-and-recreate.ts';
import { reconnectNetworks } from './reconnect-networks.ts';
import { recreateContainer } from './recreate.ts';
import { rejoinNetwork } from './rejoin-network.ts';
import { removeStaleLock } from './remove-stale-lock.ts';
import { cutAof, repairAof } from './repair-aof.ts';
import { restartContainer } from './restart.ts';
import { restoreBackup } from './restore-backup.ts';
import { runHelper } from './run-helper.ts';
import { type ScaleTools, scale } from './scale.ts';
import { setAsideData } from './set-aside-data.ts';
import { setAsideRdb } from './set-aside-rdb.ts';
import { startContainer } from './start.ts';
import { type ConflictTools, stopConflictingContainer } from './stop-conflicting-container.ts';
import { terminateConnections } from './terminate-connections.ts';
import { type ThrottleTools, throttle } from './throttle.ts';
import { wait } from './wait.ts';

/** What the strategies work with; each takes the little that it needs. */
export interface StrategyNeeds
  extends BackupNeeds,
    CleanupTools,
    ConflictTools,
    EnvFileNeeds,
    ExecNeeds,
    PortTools,
    ScaleTools,
    ThrottleTools {
  readonly docker: Docker;
  readonly clock: Pick<Clock, 'now' | 'after'>;
}

/** Every strategy that comes with the watchdog, in alphabetical order. A new one is one file and one line here. */
export const builtInStrategies = (needs: StrategyNeeds): readonly AnyStrategy[] => [
  backupVolume(needs),
  cleanRestart(needs.docker),
  cleanup(needs),
  createMissingPath(needs),
  cutAof(needs),
  editEnvFile(needs),
  execCommand(needs),
  findAlternativePort(needs),
  fixPermissions(needs),
  notify(),
  pullAndRecreate(needs.docker),
  reconnectNetworks(needs.docker),
  recreateContainer(needs.docker),
  rejoinNetwork(needs.docker),
  removeStaleLock(needs),
  repairAof(needs),
  restartContainer(needs.docker),
  restoreBackup(needs),
  runHelper(needs),
  scale(needs),
  setAsideData(needs),
  setAsideRdb(needs),
  startContainer(needs.docker),
  stopConflictingContainer(needs),
  terminateConnections(needs.docker),
  throttle(needs),
  wait(),
];
