// What the Engine API sends, as far as it is read here. Everything is optional that some engine between 20.10 (API 1.41)
// and 29 (API 1.52) leaves out or sends as null. These shapes go no further than this folder.

export interface ListEntry {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  /** Seconds since the epoch. */
  readonly Created: number;
  readonly State: string;
  /** `Up 2 minutes (unhealthy)`, `Exited (137) 3 seconds ago`. */
  readonly Status: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Ports?: readonly { readonly PublicPort?: number }[] | null;
  readonly HostConfig?: { readonly NetworkMode?: string };
  readonly NetworkSettings?: NetworkSettings;
  /** Since API 1.52. */
  readonly Health?: { readonly Status?: string } | null;
}

export interface ContainerInspect {
  readonly Id: string;
  readonly Name: string;
  readonly Created: string;
  /** The id of the image it was made from. */
  readonly Image: string;
  readonly RestartCount?: number;
  readonly State: ContainerState;
  readonly Config: ContainerConfig;
  readonly HostConfig: HostConfig;
  readonly Mounts?: readonly MountPoint[] | null;
  readonly NetworkSettings?: NetworkSettings;
}

export interface NetworkSettings {
  readonly Networks?: Readonly<Record<string, Endpoint>> | null;
}

export interface ContainerState {
  readonly Status: string;
  readonly ExitCode: number;
  readonly Error?: string;
  readonly OOMKilled?: boolean;
  readonly StartedAt?: string;
  readonly FinishedAt?: string;
  readonly Health?: {
    readonly Status?: string;
    readonly FailingStreak?: number;
    readonly Log?:
      | readonly { readonly Start: string; readonly End: string; readonly ExitCode: number; readonly Output: string }[]
      | null;
  } | null;
}

/** `Config` of a container and, in part, of an image. */
export interface ContainerConfig {
  readonly Image?: string;
  readonly Hostname?: string;
  readonly Domainname?: string;
  readonly User?: string;
  readonly AttachStdin?: boolean;
  readonly AttachStdout?: boolean;
  readonly AttachStderr?: boolean;
  readonly Tty?: boolean;
  readonly OpenStdin?: boolean;
  readonly StdinOnce?: boolean;
  readonly NetworkDisabled?: boolean;
  readonly Env?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly Entrypoint?: readonly string[] | null;
  readonly WorkingDir?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly ExposedPorts?: Readonly<Record<string, object>> | null;
  readonly Volumes?: Readonly<Record<string, object>> | null;
  readonly Healthcheck?: EngineHealthcheck | null;
  readonly StopSignal?: string;
  /** Seconds. */
  readonly StopTimeout?: number | null;
  /** Below API 1.44, and only when the user set one. */
  readonly MacAddress?: string;
}

/** Durations in nanoseconds; 0 or absent means the engine's default. */
export interface EngineHealthcheck {
  readonly Test?: readonly string[] | null;
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly Retries?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
}

/** All of it is handed back to the engine when a container is made again; only these fields are looked at. */
export interface HostConfig {
  readonly NetworkMode?: string;
  readonly PidMode?: string;
  readonly IpcMode?: string;
  readonly UTSMode?: string;
  readonly AutoRemove?: boolean;
  readonly PublishAllPorts?: boolean;
  readonly PortBindings?: Readonly<Record<string, unknown>> | null;
  readonly RestartPolicy?: { readonly Name?: string; readonly MaximumRetryCount?: number } | null;
  readonly VolumesFrom?: readonly string[] | null;
  readonly Binds?: readonly string[] | null;
  readonly Mounts?: readonly MountRequest[] | null;
  readonly [option: string]: unknown;
}

export interface MountRequest {
  readonly Type: string;
  readonly Source?: string;
  readonly Target: string;
  readonly [option: string]: unknown;
}

export interface MountPoint {
  readonly Type: string;
  /** Of a volume. */
  readonly Name?: string;
  readonly Source?: string;
  readonly Destination: string;
  readonly RW: boolean;
}

export interface Endpoint {
  readonly IPAMConfig?: Readonly<Record<string, unknown>> | null;
  readonly Links?: readonly string[] | null;
  readonly Aliases?: readonly string[] | null;
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
  readonly NetworkID?: string;
  readonly MacAddress?: string;
  readonly IPAddress?: string;
  readonly GlobalIPv6Address?: string;
  readonly GwPriority?: number;
}

export interface ImageInspect {
  readonly Id: string;
  readonly Config?: ContainerConfig | null;
}

export interface RawEvent {
  readonly Type?: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes?: Readonly<Record<string, string>> | null };
  readonly timeNano: number;
}
