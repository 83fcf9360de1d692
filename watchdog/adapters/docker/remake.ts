import { blueprintFrom } from './blueprint.ts';
import { type Docker, EngineError } from './docker.ts';
import type { ContainerInspect } from './engine-shapes.ts';
import { endpointsOf } from './networks.ts';
import { ifThere } from './reads.ts';
import type { Requests } from './requests.ts';

/** The part of `Docker` that makes a container again, whole or only its networks. */
export const remakeWith = (
  requests: Requests,
): Pick<Docker, 'blueprint' | 'create' | 'networksOf' | 'reconnectNetworks' | 'attachNetworks'> => ({
  blueprint: async (id, signal, change) => {
    const container = await requests.container(id, signal);
    refuseWhatVanishes(container);
    const image = await requests.image(container.Image, signal);
    const named = await ifThere(requests.image(container.Config.Image ?? container.Image, signal));
    const { ApiVersion: api } = await requests.version(signal);
    const imageNameStands = named?.Id === image.Id;
    const lostLenders = await lostLendersOf(requests, container, signal);
    return blueprintFrom({ container, image, imageNameStands, api, networkParent: change?.networkParent, lostLenders });
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
