import { isDeepStrictEqual } from 'node:util';
import type { PortMove } from '../../domain/alternative-port.ts';
import type { Variable } from '../../domain/env-change.ts';
import type { Blueprint } from './docker.ts';
import type {
  ContainerConfig,
  ContainerInspect,
  HostConfig,
  ImageInspect,
  MountRequest,
  PortBinding,
} from './engine-shapes.ts';
import { type ApiVersion, endpointsOf, lostEndpointOf, macBelongsToEndpoint, primaryNetworkOf } from './networks.ts';

export interface BlueprintSource {
  readonly container: ContainerInspect;
  /** The image that the container was made from, by its id. */
  readonly image: ImageInspect;
  /** The id of the image that the name in the container's `Config.Image` leads to; undefined where there is none. */
  readonly namedImage: string | undefined;
  /** To be made of that one, whichever it is. */
  readonly newest: boolean;
  readonly api: ApiVersion;
  /** The container whose network namespace to share instead of the one named. */
  readonly networkParent: string | undefined;
  /** To be published on other ports of the host. */
  readonly moves: readonly PortMove[];
  /** To have this one besides, or in the place of its own of that name. */
  readonly variable: Variable | undefined;
  /** Those of its `volumes_from` that do not exist any more. */
  readonly lostLenders: readonly string[];
}

/**
 * What to send to make the same container again. What only the image implied is left out, so that it is implied again;
 * options that we do not know are handed back as they are. A repair is no upgrade: where the tag has moved on to another
 * image, the one that ran is used, by its id (docs/decisions/0004-recreate-from-inspect.md).
 */
export function blueprintFrom(source: BlueprintSource): Blueprint {
  const { container, api, image, namedImage, newest } = source;
  const primaryName = primaryNetworkOf(container) ?? '';
  const { [primaryName]: primary, ...others } = endpointsOf(container, api);
  const first = primary === undefined ? lostEndpointOf(container) : { [primaryName]: primary };
  return {
    name: container.Name.replace(/^\//, ''),
    body: {
      ...configOf(source),
      Image: newest || namedImage === image.Id ? container.Config.Image : container.Image,
      HostConfig: hostConfigOf(source),
      // One endpoint only: below API 1.44 a create call with more is refused. The others are attached afterwards.
      ...(first ? { NetworkingConfig: { EndpointsConfig: first } } : {}),
    },
    networks: others,
  };
}

/** Whatever of these equals the image's was implied by it. */
const IMPLIED_WHOLE = ['User', 'WorkingDir', 'StopSignal', 'Healthcheck'] as const;

function configOf(source: BlueprintSource): Record<string, unknown> {
  const { container, image, api } = source;
  const implied: ContainerConfig = image.Config ?? {};
  const { Hostname, Domainname, MacAddress, Env, Labels, ExposedPorts, Volumes, Cmd, Entrypoint, ...rest } =
    container.Config;
  const config: Record<string, unknown> = {
    ...rest,
    Env: environmentOf(source, Env ?? []).filter(entry => !implied.Env?.includes(entry)),
    Labels: labelsOf(source, without(Labels, implied.Labels)),
    ExposedPorts: without(ExposedPorts, implied.ExposedPorts),
    Volumes: without(Volumes, implied.Volumes),
    ...commandOf(container.Config, implied),
    ...(hasOwnHostname(container) ? { Hostname } : {}),
    ...(sharesNetwork(container) ? {} : { Domainname }),
    ...(MacAddress && !macBelongsToEndpoint(api) ? { MacAddress } : {}),
  };
  for (const key of IMPLIED_WHOLE) {
    if (isDeepStrictEqual(config[key], implied[key])) delete config[key];
  }
  return config;
}

function environmentOf({ variable }: BlueprintSource, own: readonly string[]): readonly string[] {
  if (variable === undefined) return own;
  const { name, value } = variable;
  return [...own.filter(entry => !entry.startsWith(`${name}=`)), `${name}=${value}`];
}

/** By this label Compose sees whether the image was changed, and would make the container once more. */
const IMAGE_LABEL = 'com.docker.compose.image';

/** By this one it sees whether the service was changed. It goes by its presence as well, so it is never taken away. */
const HASH_LABEL = 'com.docker.compose.config-hash';
/** Of a container that is not what the file says: `up` makes it again, which a hash that fits would keep it from. */
const MOVED = 'ports-moved-';

function labelsOf({ newest, namedImage, moves }: BlueprintSource, own: Record<string, string>): Record<string, string> {
  const labels = { ...own };
  if (newest && namedImage !== undefined && IMAGE_LABEL in labels) labels[IMAGE_LABEL] = namedImage;
  const hash = labels[HASH_LABEL];
  if (moves.length > 0 && hash !== undefined && !hash.startsWith(MOVED)) labels[HASH_LABEL] = MOVED + hash;
  return labels;
}

function without<T>(
  all: Readonly<Record<string, T>> | null | undefined,
  implied: Readonly<Record<string, T>> | null | undefined,
): Record<string, T> {
  return Object.fromEntries(
    Object.entries(all ?? {}).filter(([key, value]) => !isDeepStrictEqual(value, implied?.[key])),
  );
}

/**
 * The engine fills in the image's command only where the container has no entrypoint of its own (moby, `merge` in
 * `daemon/commit.go`), so the two are judged together. `['']` says: no entrypoint, though the image has one.
 */
function commandOf(own: ContainerConfig, implied: ContainerConfig): Pick<ContainerConfig, 'Cmd' | 'Entrypoint'> {
  const command = own.Cmd?.length ? { Cmd: own.Cmd } : {};
  const sameEntrypoint = isDeepStrictEqual(own.Entrypoint ?? [], implied.Entrypoint ?? []);
  const sameCommand = isDeepStrictEqual(own.Cmd ?? [], implied.Cmd ?? []);
  if (sameEntrypoint && sameCommand) return {};
  if (sameEntrypoint && own.Cmd?.length) return command;
  return { Entrypoint: own.Entrypoint?.length ? own.Entrypoint : [''], ...command };
}

/** The engine names a container after its short id, and one that shares a namespace after the owner of that. */
function hasOwnHostname(container: ContainerInspect): boolean {
  const isDefault = container.Config.Hostname === container.Id.slice(0, 12);
  return !isDefault && !sharesNetwork(container) && container.HostConfig.UTSMode !== 'host';
}

const sharesNetwork = (container: ContainerInspect): boolean =>
  container.HostConfig.NetworkMode?.startsWith('container:') ?? false;

function hostConfigOf({ container, networkParent, lostLenders, moves }: BlueprintSource): HostConfig {
  const { Mounts: mounts, VolumesFrom: lenders, ...host } = container.HostConfig;
  const carried = volumesToCarry(container, lostLenders.length > 0);
  return {
    ...host,
    Mounts: mounts?.map(mount => withVolumeName(mount, container)) ?? null,
    VolumesFrom: lenders?.filter(lender => !lostLenders.includes(lender)) ?? null,
    ...(carried.length > 0 ? { Binds: [...(host.Binds ?? []), ...carried] } : {}),
    ...(networkParent === undefined ? {} : { NetworkMode: `container:${networkParent}` }),
    ...(moves.length === 0 ? {} : { PortBindings: movedPorts(host.PortBindings ?? {}, moves) }),
  };
}

/** All else about them, such as the address, stays. */
function movedPorts(bindings: NonNullable<HostConfig['PortBindings']>, moves: readonly PortMove[]) {
  const moved = (container: string, host: PortBinding): PortBinding => {
    const move = moves.find(one => one.container === container && String(one.from) === host.HostPort);
    return move === undefined ? host : { ...host, HostPort: String(move.to) };
  };
  return Object.fromEntries(
    Object.entries(bindings).map(([container, hosts]) => [
      container,
      hosts?.map(host => moved(container, host)) ?? null,
    ]),
  );
}

/** A volume that was asked for without a name is carried over by the name the engine gave it. */
function withVolumeName(mount: MountRequest, container: ContainerInspect): MountRequest {
  if (mount.Type !== 'volume' || mount.Source) return mount;
  const volume = container.Mounts?.find(({ Type, Destination }) => Type === 'volume' && Destination === mount.Target);
  return volume?.Name === undefined ? mount : { ...mount, Source: volume.Name };
}

/**
 * Volumes that nothing else in the create call names: those declared as `/path` by the image or the user. What was lent by
 * `volumes_from` comes again with its lender, and is carried over only where a lender is lost.
 */
function volumesToCarry(container: ContainerInspect, lenderLost: boolean): string[] {
  const { Binds: binds, Mounts: requested } = container.HostConfig;
  const named = [...(binds ?? []).map(bind => bind.split(':')[1]), ...(requested ?? []).map(({ Target }) => Target)];
  const declared = Object.keys(container.Config.Volumes ?? {});
  return (container.Mounts ?? [])
    .filter(({ Type, Destination }) => Type !== 'tmpfs' && !named.includes(Destination))
    .filter(({ Destination }) => lenderLost || declared.includes(Destination))
    .map(({ Name, Source, Destination, RW }) => `${Name ?? Source}:${Destination}${RW ? '' : ':ro'}`);
}
