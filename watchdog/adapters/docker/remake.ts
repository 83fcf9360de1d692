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
  'blueprint' | 'replicaBlueprint' | 'create' | 'networksOf' | 'reconnectNetworks' | 'attachNetworks'
> => ({
  blueprint: async (id, signal, change) =>
    blueprintFrom({ ...(await sourceOf(requests, id, signal)), networkParent: change?.networkParent }),
  replicaBlueprint: async (id, mark, signal) => {
    const source = await sourceOf(requests, id, signal);
    return blueprintFrom({ ...source, container: anotherReplica(source.container, mark), networkParent: undefined });
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
): Promise<Omit<BlueprintSource, 'networkParent'>> {
  const container = await requests.container(id, signal);
  refuseWhatVanishes(container);
  // At once: whoever waits for a new replica waits for the slowest of these, and not for all of them.
  const [image, named, { ApiVersion: api }, lostLenders] = await Promise.all([
    requests.image(container.Image, signal),
    ifThere(requests.image(container.Config.Image ?? container.Image, signal)),
    requests.version(signal),
    lostLendersOf(requests, container, signal),
  ]);
  return { container, image, imageNameStands: named?.Id === image.Id, api, lostLenders };
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
