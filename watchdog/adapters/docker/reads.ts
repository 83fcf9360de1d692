import type { Publisher, Somebody } from '../../domain/somebody.ts';
import { ownerFrom, PROJECT_LABEL } from './compose-labels.ts';
import { type Docker, EngineError } from './docker.ts';
import { rememberedIn } from './engine-memory.ts';
import type { ListEntry } from './engine-shapes.ts';
import { howMadeFrom } from './how-made-from.ts';
import { ownName, replicaFromInspect, replicaFromList } from './replica-from.ts';
import type { Requests } from './requests.ts';

/** The part of `Docker` that looks. */
export const readsWith = (
  requests: Requests,
): Pick<Docker, 'ping' | 'list' | 'inspect' | 'recall' | 'howMade' | 'environment' | 'publishers' | 'who'> => ({
  ping: async signal => {
    const { Version, ApiVersion } = await requests.version(signal);
    return { version: Version, apiVersion: ApiVersion };
  },
  list: async (project, signal) => {
    const label = project === undefined ? PROJECT_LABEL : `${PROJECT_LABEL}=${project}`;
    return await requests.list(label, replicaFromList, signal);
  },
  inspect: async (idOrName, signal) => {
    const container = await ifThere(requests.container(idOrName, signal));
    return container && replicaFromInspect(container);
  },
  recall: async signal => {
    const { SystemTime = '', LiveRestoreEnabled: restoresLive = false } = await requests.info(signal);
    const at = Date.parse(SystemTime);
    if (Number.isNaN(at)) return { events: [], isWhole: false, restoresLive, at: 0 };
    return { ...(await requests.remembered(at, rememberedIn, signal)), restoresLive, at };
  },
  howMade: async (id, signal) => {
    const container = await ifThere(requests.container(id, signal));
    return container && howMadeFrom(container);
  },
  environment: async (id, signal) => {
    const { Config } = await requests.container(id, signal);
    return new Map(Config.Env?.map(entry => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)]));
  },
  publishers: signal => requests.publishers(publisherFrom, signal),
  who: async (idOrName, signal) => {
    const container = await ifThere(requests.container(idOrName, signal));
    return container && somebody(container.Id, container.Name.replace(/^\//, ''), container.Config.Labels);
  },
});

const somebody = (id: string, name: string, labels: ListEntry['Labels']): Somebody => {
  const owner = ownerFrom(labels ?? {});
  return { id, name, owner: owner && { project: owner.project, service: owner.service } };
};

function publisherFrom({ Id, Names, Labels, Ports }: ListEntry): Publisher | undefined {
  const ports = (Ports ?? []).flatMap(({ IP = '', PublicPort: port, Type: protocol = 'tcp' }) =>
    port === undefined ? [] : { address: IP, port, protocol },
  );
  return ports.length === 0 ? undefined : { ...somebody(Id, ownName(Names), Labels), ports };
}

/** The answer about something; undefined when the engine says that there is no such thing. */
export async function ifThere<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof EngineError && error.code === 'not-found') return undefined;
    throw error;
  }
}
