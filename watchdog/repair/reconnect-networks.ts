import type { Docker, Networks } from '../adapters/docker/docker.ts';
import type { JournalStep, Strategy } from '../domain/repair.ts';
import { textIn } from './journal.ts';

type Engine = Pick<Docker, 'inspect' | 'networksOf' | 'reconnectNetworks' | 'attachNetworks'>;

/** Gives the container fresh network interfaces without interrupting its processes. */
export const reconnectNetworks = (docker: Engine): Strategy => ({
  name: 'reconnect-networks',
  danger: 'service',
  summary: 'detaches the container from its networks and attaches it again',
  apply: async ({ target, signal, journal }) => {
    const networks = await docker.networksOf(target.id, signal);
    if (Object.keys(networks).length === 0) {
      throw new Error(`${target.name} has no networks of its own to reconnect (network_mode); choose another strategy`);
    }
    journal('reconnect', { containerId: target.id, networks });
    await docker.reconnectNetworks(target.id, networks, signal);
    return undefined;
  },
  undo: (steps, signal) => attachAgain(docker, steps, signal),
  recover: async (steps, signal) => (await attachAgain(docker, steps, signal)) ?? 'nothing had been done yet',
});

async function attachAgain(
  docker: Engine,
  steps: readonly JournalStep[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const containerId = textIn(steps, 'reconnect', 'containerId');
  if (containerId === undefined) return undefined;
  if ((await docker.inspect(containerId, signal)) === undefined) return 'the container is gone';
  const networks = steps.findLast(({ step }) => step === 'reconnect')?.data.networks as Networks;
  await docker.attachNetworks(containerId, networks, signal);
  return 'it is attached to every network it was taken from';
}
