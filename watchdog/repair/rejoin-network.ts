import type { Docker } from '../adapters/docker/docker.ts';
import type { Strategy } from '../domain/repair.ts';
import { type ReplacingEngine, replacementOn } from './replacement.ts';

/**
 * Brings a container back into the network namespace of its parent (`network_mode: service:...`). A parent that was
 * restarted has a new namespace under the same id: a restart finds it. A parent that was replaced has another id, which is
 * part of the container's making: `with.networkParent` names it, and the container is made again.
 */
export function rejoinNetwork(docker: ReplacingEngine & Pick<Docker, 'restart'>): Strategy {
  const { replace, confirm, undo, recover } = replacementOn(docker);
  return {
    name: 'rejoin-network',
    danger: 'service',
    summary: "restarts the container in its parent's network, or makes it again where the parent was replaced",
    apply: async work => {
      const { networkParent } = work.order.with;
      if (typeof networkParent === 'string') return replace(work, { networkParent });
      await docker.restart(work.target.id, work.order.stopTimeout, work.signal);
      return undefined;
    },
    confirm,
    undo,
    recover,
  };
}
