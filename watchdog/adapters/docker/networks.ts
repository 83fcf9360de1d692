import { ownerFrom } from './compose-labels.ts';
import type { ContainerInspect, Endpoint } from './engine-shapes.ts';

/** What to tell the engine to attach a container the way it is attached. */
export type EndpointRequest = Pick<
  Endpoint,
  'IPAMConfig' | 'Links' | 'Aliases' | 'DriverOpts' | 'GwPriority' | 'MacAddress'
>;

/** `1.41`, as the engine names its newest API. */
export type ApiVersion = string;

/**
 * From this version on a MAC address belongs to an endpoint, before to the container (Engine API history, v1.44). From 1.52
 * on the engine refuses the container's.
 */
export function macBelongsToEndpoint(api: ApiVersion): boolean {
  const [major = 0, minor = 0] = api.split('.').map(Number);
  return major > 1 || minor >= 44;
}

/** A container in another one's network namespace, in the host's, or in none, is attached to nothing of its own. */
const OWN_NETWORKS = /^(?!container:|host$|none$)/;

/** How the container was told to be attached to each of its networks, by name. What the engine chose itself is left out. */
export function endpointsOf(container: ContainerInspect, api: ApiVersion): Record<string, EndpointRequest> {
  if (!OWN_NETWORKS.test(container.HostConfig.NetworkMode ?? '')) return {};
  const primary = primaryNetworkOf(container);
  const networks = Object.entries(container.NetworkSettings?.Networks ?? {});
  return Object.fromEntries(
    networks.map(([name, endpoint]) => {
      const declaredMac = name === primary ? container.Config.MacAddress : undefined;
      const mac = macBelongsToEndpoint(api) ? declaredMac || chosenMac(endpoint) : undefined;
      return [name, endpointRequest(endpoint, container.Id, mac)];
    }),
  );
}

/** The network that the create call attaches. Undefined where the container was detached from it since. */
export function primaryNetworkOf(container: ContainerInspect): string | undefined {
  const mode = container.HostConfig.NetworkMode ?? '';
  const networks = container.NetworkSettings?.Networks ?? {};
  const name = mode === 'default' || mode === '' ? 'bridge' : mode;
  if (networks[name] !== undefined) return name;
  // `docker run --network ID`
  return Object.keys(networks).find(key => networks[key]?.NetworkID === mode);
}

/** Not the default bridge either, on which nobody has another name than his container's. */
const WITH_ALIASES = /^(?!container:|host$|none$|default$|bridge$|$)/;

/**
 * How the container of a service is attached to the network that it was made on and detached from since. The engine attaches a new
 * one there by itself, but not by the name of its service, by which its neighbours know it. Undefined where no such name is known.
 */
export function lostEndpointOf(container: ContainerInspect): Record<string, EndpointRequest> | undefined {
  const mode = container.HostConfig.NetworkMode ?? '';
  const service = ownerFrom(container.Config.Labels ?? {})?.service;
  return WITH_ALIASES.test(mode) && service !== undefined ? { [mode]: { Aliases: [service] } } : undefined;
}

function endpointRequest(endpoint: Endpoint, containerId: string, mac: string | undefined): EndpointRequest {
  // Below API 1.45 the engine lists the container's short id, which it adds itself, among the aliases.
  const aliases = endpoint.Aliases?.filter(alias => alias !== containerId.slice(0, 12)) ?? [];
  const { IPAMConfig: addresses, Links: links, DriverOpts: options, GwPriority: priority } = endpoint;
  return {
    ...(addresses ? { IPAMConfig: addresses } : {}),
    ...(links ? { Links: links } : {}),
    ...(aliases.length > 0 ? { Aliases: aliases } : {}),
    ...(options ? { DriverOpts: options } : {}),
    ...(priority ? { GwPriority: priority } : {}),
    ...(mac ? { MacAddress: mac } : {}),
  };
}

/**
 * The address in use, unless the engine made it from the IP address, as engines before 28 do: frozen, it would clash with the
 * next container that gets that IP. A random one (since 28) looks like a chosen one and is kept, which harms nobody.
 */
function chosenMac(endpoint: Endpoint): string | undefined {
  const octets = (endpoint.IPAddress ?? '').split('.').map(octet => Number(octet).toString(16).padStart(2, '0'));
  const fromAddress = ['02', '42', ...octets].join(':');
  return endpoint.MacAddress === fromAddress ? undefined : endpoint.MacAddress;
}
