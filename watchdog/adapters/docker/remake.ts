import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { anotherReplica } from './another-replica.ts';
import { type BlueprintSource, blueprintFrom } from './blueprint.ts';
import { type Docker, EngineError } from './docker.ts';
import type { ContainerInspect } from './engine-shapes.ts';
import { endpointsOf } from './networks.ts';
import { ifThere } from './reads.ts';
import type { Requests } from './requests.ts';

/** The part of `Docker` that makes a container again, whole or only its networks. */
export const remakeWith = (
  requests: Requests,
): Pick<
  Docker,
  'blueprint' | 'pull' | 'replicaBlueprint' | 'create' | 'networksOf' | 'reconnectNetworks' | 'attachNetworks'
> => ({
  blueprint: async (id, signal, change) => {
    const source = await sourceOf(requests, id, signal);
    const { networkParent, image, ports: moves = [], variable } = change ?? {};
    return blueprintFrom({ ...source, networkParent, newest: image === 'newest', moves, variable });
  },
  pull: async (image, signal) => {
    await requests.pull(withTag(image), doneWith, signal);
  },
  replicaBlueprint: async (id, mark, signal) => {
    const source = await sourceOf(requests, id, signal);
    return blueprintFrom({
      ...source,
      container: anotherReplica(source.container, mark),
      networkParent: undefined,
      newest: false,
      moves: [],
      variable: undefined,
    });
  },
  create: async (blueprint, name, signal) => {
    const { id } = await requests.create(name, blueprint.body, signal);
    for (const [network, endpoint] of Object.entries(blueprint.networks)) {
      await requests.connect(network, id, endpoint as object, signal);
    }
    return id;
  },
  networksOf: async (id, signal) => {
    const { ApiVersion: api } = await requests.version(signal);
    return endpointsOf(await requests.container(id, signal), api);
  },
  reconnectNetworks: async (id, networks, signal) => {
    for (const [network, endpoint] of Object.entries(networks)) {
      await requests.disconnect(network, id, signal);
      await requests.connect(network, id, endpoint as object, signal);
    }
  },
  attachNetworks: async (id, networks, signal) => {
    const attached = (await requests.container(id, signal)).NetworkSettings?.Networks ?? {};
    for (const [network, endpoint] of Object.entries(networks)) {
      if (!(network in attached)) await requests.connect(network, id, endpoint as object, signal);
    }
  },
});

async function sourceOf(
  requests: Requests,
  id: string,
  signal: AbortSignal | undefined,
): Promise<Omit<BlueprintSource, 'networkParent' | 'newest' | 'moves' | 'variable'>> {
  const container = await requests.container(id, signal);
  refuseWhatVanishes(container);
  // At once: whoever waits for a new replica waits for the slowest of these, and not for all of them.
  const [image, named, { ApiVersion: api }, lostLenders] = await Promise.all([
    requests.image(container.Image, signal),
    ifThere(requests.image(container.Config.Image ?? container.Image, signal)),
    requests.version(signal),
    lostLendersOf(requests, container, signal),
  ]);
  return { container, image, namedImage: named?.Id, api, lostLenders };
}

/** Without a tag the engine would fetch all that there are. */
function withTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? image : `${image}:latest`;
}

/** The engine tells how far it is, line by line, and what went wrong after it has answered 200. */
async function doneWith(progress: Readable): Promise<void> {
  for await (const line of createInterface(progress)) {
    const { error } = line.trim() === '' ? {} : (JSON.parse(line) as { readonly error?: string });
    if (error !== undefined) throw Object.assign(new Error(error), { statusCode: 500 });
  }
}

/** Entries of `volumes_from`, `ID:ro`, whose container was removed since. */
async function lostLendersOf(
  requests: Requests,
  { HostConfig: host }: ContainerInspect,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const lenders = host.VolumesFrom ?? [];
  const found = lenders.map(lender => ifThere(requests.container(lender.split(':')[0] ?? lender, signal)));
  const lost = (await Promise.all(found)).map(container => container === undefined);
  return lenders.filter((_, i) => lost[i]);
}

function refuseWhatVanishes({ Id: id, HostConfig: host }: ContainerInspect): void {
  if (!host.AutoRemove) return;
  throw new EngineError(
    'refused',
    `container ${id} was started with --rm: the engine removes it as soon as it stops, so that making it again could not be undone; start it without --rm`,
  );
}
