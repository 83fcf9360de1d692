import type { HowMade, Mounted, PublishedPort } from '../../domain/making.ts';
import { ownerFrom } from './compose-labels.ts';
import type { ContainerInspect, HostConfig, MountPoint } from './engine-shapes.ts';

/** The engine's name for a volume that nobody gave one. */
const ANONYMOUS = /^[0-9a-f]{64}$/;

/** How a container was made, from an inspect. Undefined for one that is not Compose's. */
export function howMadeFrom(container: ContainerInspect): HowMade | undefined {
  const { Config: config, HostConfig: host, NetworkSettings: network } = container;
  const owner = ownerFrom(config.Labels ?? {});
  if (owner === undefined) return undefined;
  const name = container.Name.replace(/^\//, '');
  // Compose v2 joins by hyphens, v1 by underscores.
  const given = ['-', '_'].map(sign => [owner.project, owner.service, owner.number].join(sign));
  return {
    image: config.Image ?? container.Image,
    ownName: given.includes(name) ? undefined : name,
    published: publishedBy(host.PortBindings ?? {}),
    staticAddresses: Object.values(network?.Networks ?? {}).flatMap(({ IPAMConfig }) => addressesIn(IPAMConfig ?? {})),
    sharedNetwork: sharedBy(host.NetworkMode),
    sharedProcesses: sharedBy(host.PidMode),
    exposes: Object.keys(config.ExposedPorts ?? {}),
    mounts: (container.Mounts ?? []).flatMap(mountedFrom),
    autoRemove: host.AutoRemove ?? false,
  };
}

const sharedBy = (mode: string | undefined): string | undefined =>
  mode === 'host' ? 'host' : /^container:(.+)$/.exec(mode ?? '')?.[1];

const publishedBy = (bindings: NonNullable<HostConfig['PortBindings']>): PublishedPort[] =>
  Object.entries(bindings).flatMap(([container, hosts]) =>
    (hosts ?? []).map(({ HostIp, HostPort = '' }) => ({
      container,
      host: HostPort,
      ...(HostIp ? { address: HostIp } : {}),
    })),
  );

/** Those that somebody asked for; what the engine chose stands elsewhere. */
const addressesIn = (config: Readonly<Record<string, unknown>>): string[] =>
  [config.IPv4Address, config.IPv6Address].filter(
    (address): address is string => typeof address === 'string' && address !== '',
  );

function mountedFrom({ Type, Name, Source, Destination, RW }: MountPoint): Mounted[] {
  if (Type !== 'bind' && Type !== 'volume' && Type !== 'tmpfs') return [];
  return [
    {
      type: Type,
      source: (Type === 'volume' ? Name : Source) ?? '',
      target: Destination,
      anonymous: Type === 'volume' && ANONYMOUS.test(Name ?? ''),
      writable: RW,
    },
  ];
}
