import type { Docker } from '../adapters/docker/docker.ts';
import type { AnyStrategy } from '../domain/repair.ts';
import { cleanRestart } from './clean-restart.ts';
import { reconnectNetworks } from './reconnect-networks.ts';
import { recreateContainer } from './recreate.ts';
import { rejoinNetwork } from './rejoin-network.ts';
import { restartContainer } from './restart.ts';
import { startContainer } from './start.ts';

/** Every strategy that comes with the watchdog, in alphabetical order. A new one is one file and one line here. */
export const builtInStrategies = (docker: Docker): readonly AnyStrategy[] => [
  cleanRestart(docker),
  reconnectNetworks(docker),
  recreateContainer(docker),
  rejoinNetwork(docker),
  restartContainer(docker),
  startContainer(docker),
];
