import type { ContainerInspectInfo } from 'dockerode';

/** The engine's name for a volume without one, or an id. */
const HASH = /^[0-9a-f]{64}/;

/** What an inspect says of how a container is made: all but its identity, its times and what the engine gave it in passing. */
export function making({ Name, Path, Args, Image, Mounts, Config, HostConfig, ...rest }: ContainerInspectInfo): object {
  const { Hostname, ...config } = Config;
  const shortId = rest.Id.slice(0, 12);
  return {
    Name,
    Path,
    Args,
    Image,
    Config: { ...config, Env: [...config.Env].sort(), Hostname: Hostname === shortId ? 'the short id' : Hostname },
    HostConfig: {
      ...HostConfig,
      // Anonymous volumes go by name from the second container on. Which ones they are is seen in Mounts.
      Binds: HostConfig.Binds?.filter(bind => !HASH.test(bind)) ?? [],
      Mounts: HostConfig.Mounts?.map(mount => (HASH.test(mount.Source) ? { ...mount, Source: undefined } : mount)),
    },
    Mounts: Mounts.map(({ Mode: _, ...mount }) => mount).sort((a, b) => a.Destination.localeCompare(b.Destination)),
    Networks: Object.entries(rest.NetworkSettings.Networks).map(([name, network]) => [
      name,
      attachment(network, shortId),
    ]),
    Ports: Object.keys(rest.NetworkSettings.Ports).sort(),
    Platform: rest.Platform,
    AppArmorProfile: rest.AppArmorProfile,
  };
}

function attachment(network: ContainerInspectInfo['NetworkSettings']['Networks'][string], shortId: string): object {
  const { Aliases, IPAddress, MacAddress, EndpointID: _, IPAMConfig, ...rest } = network;
  const names: readonly string[] = (rest as { DNSNames?: string[] | null }).DNSNames ?? [];
  const fixed = IPAMConfig?.IPv4Address === undefined ? {} : { IPAddress, MacAddress };
  return {
    ...rest,
    ...fixed,
    IPAMConfig,
    DNSNames: names.filter(name => name !== shortId).sort(),
    Aliases: (Aliases ?? []).filter((alias: string) => alias !== shortId).sort(),
  };
}
