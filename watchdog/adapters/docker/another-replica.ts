import { MADE_LABEL } from '../../domain/scaling.ts';
import { NUMBER_LABEL } from './compose-labels.ts';
import type { ReplicaMark } from './docker.ts';
import type { ContainerConfig, ContainerInspect, Endpoint, HostConfig, MountRequest } from './engine-shapes.ts';

/** On a container that Compose made in another one's place: the name of that one. */
const REPLACE_LABEL = 'com.docker.compose.replace';

/** The engine's own name for a volume without one. */
const NAMELESS = /^[0-9a-f]{64}$/;

/**
 * A container as it would be if Compose had made it as another replica of its service: with a name and number of its own, the
 * addresses that the engine chooses, and anonymous volumes that are its own. What `blueprintFrom` makes of it is what to send.
 */
export function anotherReplica(container: ContainerInspect, { name, number, made }: ReplicaMark): ContainerInspect {
  const { MacAddress: _, ...config } = container.Config;
  const { [REPLACE_LABEL]: __, ...labels } = config.Labels ?? {};
  const nameless = namelessVolumesOf(container);
  return {
    ...container,
    Name: `/${name}`,
    Config: {
      ...config,
      Labels: { ...labels, [NUMBER_LABEL]: String(number), [MADE_LABEL]: made },
      ...withFreshVolumes(config, container.HostConfig),
    },
    HostConfig: hostConfigOf(container.HostConfig),
    Mounts: container.Mounts?.filter(({ Destination }) => !nameless.includes(Destination)) ?? [],
    NetworkSettings: { ...container.NetworkSettings, Networks: networksOf(container, name) },
  };
}

/** Once a container was made again, its anonymous volumes are bound by name: `HASH:/data`. */
const bindsNameless = (bind: string): boolean => NAMELESS.test(bind.split(':')[0] ?? '');

const mountsNameless = ({ Type, Source = '' }: MountRequest): boolean =>
  Type === 'volume' && (Source === '' || NAMELESS.test(Source));

/** Where it has volumes that nobody else is to have. */
function namelessVolumesOf({ Config, HostConfig: { Binds, Mounts } }: ContainerInspect): readonly string[] {
  return [
    ...Object.keys(Config.Volumes ?? {}),
    ...(Binds ?? []).filter(bindsNameless).map(targetOf),
    ...(Mounts ?? []).filter(mountsNameless).map(({ Target }) => Target),
  ];
}

const targetOf = (bind: string): string => bind.split(':')[1] ?? '';

function withFreshVolumes(config: ContainerConfig, { Binds }: HostConfig): Pick<ContainerConfig, 'Volumes'> {
  const fresh = (Binds ?? []).filter(bindsNameless).map(bind => [targetOf(bind), {}] as const);
  return fresh.length === 0 ? {} : { Volumes: { ...config.Volumes, ...Object.fromEntries(fresh) } };
}

const hostConfigOf = (host: HostConfig): HostConfig => ({
  ...host,
  Binds: host.Binds?.filter(bind => !bindsNameless(bind)) ?? null,
  Mounts: host.Mounts?.map(mount => (mountsNameless(mount) ? withoutSource(mount) : mount)) ?? null,
});

function withoutSource({ Source: _, ...mount }: MountRequest): MountRequest {
  return mount as MountRequest;
}

function networksOf({ Name, NetworkSettings }: ContainerInspect, name: string): Record<string, Endpoint> {
  const own = Name.replace(/^\//, '');
  return Object.fromEntries(
    Object.entries(NetworkSettings?.Networks ?? {}).map(([network, endpoint]) => {
      const { MacAddress: _, IPAMConfig, Aliases, ...rest } = endpoint;
      const aliases = Aliases?.map(alias => (alias === own ? name : alias)) ?? null;
      return [network, { ...rest, IPAMConfig: IPAMConfig ? {} : null, Aliases: aliases }];
    }),
  );
}
