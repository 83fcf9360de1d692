import type { Service } from './service.ts';
import type { Stack } from './stack.ts';
import { isDone } from './wellness.ts';

/**
 * How a container was made, as far as it says whether others can be made beside it. From an inspect of one replica
 * (`GET /containers/{id}/json`) and from what is known of its service; the engine's own shapes stay in the adapters.
 */
export interface Making extends HowMade {
  /** It is the watchdog's own container. */
  readonly ourselves: boolean;
  /** It is meant to finish: another service waits for its completion, or it has finished its work and was not meant to go on. */
  readonly oneShot: boolean;
}

/** The part of it that the engine tells. */
export interface HowMade {
  /** `Config.Image`, as the Compose file names it. */
  readonly image: string;
  /** `Name` where it is not the one that Compose gives, `project-service-number`. */
  readonly ownName: string | undefined;
  /** `HostConfig.PortBindings`. */
  readonly published: readonly PublishedPort[];
  /** `NetworkSettings.Networks[*].IPAMConfig`: addresses that the Compose file fixes. */
  readonly staticAddresses: readonly string[];
  /** `host`, or the name (the id where that is not known) of the container whose network it shares (`HostConfig.NetworkMode`); undefined with one of its own. */
  readonly sharedNetwork: string | undefined;
  /** `host`, or the id of the container whose processes it sees as its own (`HostConfig.PidMode`); undefined with its own alone. */
  readonly sharedProcesses: string | undefined;
  /** `Config.ExposedPorts`, `8080/tcp`: what it listens on, as far as image and Compose file say. */
  readonly exposes: readonly string[];
  /** `Mounts`. */
  readonly mounts: readonly Mounted[];
  /** `HostConfig.AutoRemove`: the engine removes it as soon as it stops, with the volumes that were made for it. */
  readonly autoRemove: boolean;
}

export interface PublishedPort {
  /** `80/tcp`. */
  readonly container: string;
  /** As it was asked for: `8080`, a range `8080-8089`, or empty where the engine may choose. */
  readonly host: string;
  /** The address of the host; left out where it is all of them. */
  readonly address?: string;
}

export interface Mounted {
  readonly type: 'bind' | 'volume' | 'tmpfs';
  /** The volume's name, or the path on the host. */
  readonly source: string;
  readonly target: string;
  /** A volume that was made for this container alone. */
  readonly anonymous: boolean;
  readonly writable: boolean;
}

/** What is known of the others. */
export interface Surroundings {
  readonly stack: Pick<Stack, 'replica'>;
  /** All services of its project. */
  readonly project: readonly Service[];
  /** `awaitedIn` of the project: found once for all that is asked about it. */
  readonly awaited: ReadonlySet<string>;
  /** The watchdog's own container, when it runs in one. */
  readonly selfId: string | undefined;
}

/** How a service is made, from what the engine tells of its first container and from what is known of the others. */
export function makingOf(
  { service, replicas }: Service,
  made: HowMade,
  { stack, project, awaited, selfId }: Surroundings,
): Making {
  const { sharedNetwork } = made;
  return {
    ...made,
    sharedNetwork: sharedNetwork && (stack.replica(sharedNetwork)?.name ?? sharedNetwork),
    ourselves: replicas.some(({ id }) => id === selfId),
    oneShot: awaited.has(service) || replicas.slice(0, 1).some(first => isDone(first, project)),
  };
}
