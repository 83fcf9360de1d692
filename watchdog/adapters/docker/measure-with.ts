import { diskUsageFrom } from './disk-usage-from.ts';
import { type Docker, EngineError } from './docker.ts';
import { ifThere } from './reads.ts';
import type { Requests } from './requests.ts';
import { resourcesFrom } from './resources-from.ts';
import { statsFrom } from './stats-from.ts';

type Measures = Pick<Docker, 'stats' | 'resources' | 'host' | 'diskUsage'>;

/** The part of `Docker` that measures. */
export const measureWith = (requests: Requests): Measures => ({
  stats: async (id, signal) => {
    const answer = await ifRunning(requests.stats(id, signal));
    return answer && statsFrom(answer);
  },
  resources: async (id, signal) => {
    const container = await ifThere(requests.container(id, signal));
    return container && resourcesFrom(container.HostConfig);
  },
  host: async signal => {
    const { DockerRootDir, CgroupVersion, NCPU } = await requests.info(signal);
    return { rootFolder: DockerRootDir ?? '/var/lib/docker', cgroups: CgroupVersion === '2' ? 2 : 1, cores: NCPU ?? 1 };
  },
  diskUsage: async signal => diskUsageFrom(await requests.diskUsage(signal)),
});

/** Engines since 23 answer 409 to stats of a container that is being removed or has just stopped. */
async function ifRunning<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await ifThere(answer);
  } catch (error) {
    if (error instanceof EngineError && error.code === 'conflict') return undefined;
    throw error;
  }
}
