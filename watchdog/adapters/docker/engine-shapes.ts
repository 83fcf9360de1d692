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
  readonly Ports?:
    | readonly {
        /** Of the host. */
        readonly IP?: string;
        readonly PublicPort?: number;
        /** `tcp` */
        readonly Type?: string;
      }[]
    | null;
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
  readonly ReadonlyRootfs?: boolean;
  readonly Tmpfs?: Readonly<Record<string, string>> | null;
  readonly PublishAllPorts?: boolean;
  readonly PortBindings?: Readonly<Record<string, readonly PortBinding[] | null>> | null;
  readonly CpuShares?: number;
  readonly NanoCpus?: number;
  readonly CpuQuota?: number;
  readonly CpuPeriod?: number;
  readonly CpusetCpus?: string;
  readonly Memory?: number;
  readonly MemoryReservation?: number;
  readonly RestartPolicy?: { readonly Name?: string; readonly MaximumRetryCount?: number } | null;
  readonly VolumesFrom?: readonly string[] | null;
  readonly Binds?: readonly string[] | null;
  readonly Mounts?: readonly MountRequest[] | null;
  readonly [option: string]: unknown;
}

export interface PortBinding {
  readonly HostIp?: string;
  /** Empty where the engine may choose. */
  readonly HostPort?: string;
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

/** `GET /containers/{id}/stats`. All zero, and read in the year 1, for a container that does not run. */
export interface ContainerStats {
  readonly read?: string;
  readonly cpu_stats?: {
    readonly cpu_usage?: { readonly total_usage?: number } | null;
    readonly system_cpu_usage?: number;
    readonly online_cpus?: number;
  } | null;
  readonly memory_stats?: {
    readonly usage?: number;
    readonly limit?: number;
    /** As the kernel's `memory.stat` has it, which differs between cgroup v1 and v2. */
    readonly stats?: Readonly<Record<string, number>> | null;
  } | null;
  /** Missing where the container has no network of its own. */
  readonly networks?: Readonly<Record<string, NetworkStats>> | null;
}

export interface NetworkStats {
  readonly rx_errors?: number;
  readonly rx_dropped?: number;
  readonly tx_errors?: number;
  readonly tx_dropped?: number;
}

/** `GET /info`, the little of it that matters. */
export interface EngineFacts {
  readonly DockerRootDir?: string;
  /** Since API 1.41; before that there was only version 1. */
  readonly CgroupVersion?: string;
  readonly NCPU?: number;
  /** RFC 3339 with nanoseconds. */
  readonly SystemTime?: string;
  readonly LiveRestoreEnabled?: boolean;
}

/** `GET /system/df`. Since API 1.52 the four usages alone. */
export interface SystemDiskUsage {
  readonly LayersSize?: number;
  readonly Containers?: readonly { readonly SizeRw?: number }[] | null;
  readonly Volumes?: readonly { readonly UsageData?: { readonly Size?: number } | null }[] | null;
  readonly BuildCache?: readonly { readonly Size?: number; readonly Shared?: boolean }[] | null;
  readonly ImageUsage?: { readonly TotalSize?: number } | null;
  readonly ContainerUsage?: { readonly TotalSize?: number } | null;
  readonly VolumeUsage?: { readonly TotalSize?: number } | null;
  readonly BuildCacheUsage?: { readonly TotalSize?: number } | null;
}

/** Networks are pruned without a word about space. */
export interface PruneReport {
  readonly SpaceReclaimed?: number;
}
