import { PROJECT_LABEL } from './compose-labels.ts';
import type { Docker, Prunable } from './docker.ts';
import type { Requests } from './requests.ts';
import { updateBody } from './resources-from.ts';

/** What belongs to a Compose project is Compose's to remove; a stopped service, and our own way back, are such containers. */
const NOT_COMPOSES = { 'label!': [PROJECT_LABEL] };

const PRUNES = {
  'build-cache': { endpoint: 'build/prune', filters: {} },
  'dangling-images': { endpoint: 'images/prune', filters: { dangling: ['true'] } },
  'stopped-containers': { endpoint: 'containers/prune', filters: NOT_COMPOSES },
  'unused-networks': { endpoint: 'networks/prune', filters: NOT_COMPOSES },
} as const satisfies Record<Prunable, unknown>;

/** The part of `Docker` that changes what containers may use and whether they come back, and takes from the disk what nobody needs. */
export const tidyWith = (requests: Requests): Pick<Docker, 'update' | 'setRestartPolicy' | 'prune'> => ({
  update: async (id, change, signal) => {
    await requests.update(id, updateBody(change), signal);
  },
  setRestartPolicy: async (id, { name, maximumRetries }, signal) => {
    await requests.update(id, { RestartPolicy: { Name: name, MaximumRetryCount: maximumRetries } }, signal);
  },
  prune: async (what, signal) => {
    const { endpoint, filters } = PRUNES[what];
    const { SpaceReclaimed } = await requests.prune(endpoint, filters, signal);
    return SpaceReclaimed ?? 0;
  },
});
