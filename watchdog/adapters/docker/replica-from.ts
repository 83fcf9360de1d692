import type { Health, Healthcheck, Inspected, Probe, Replica, RestartPolicy, State } from '../../domain/service.ts';
import { NOTHING_SEEN } from '../../domain/service.ts';
import { isSetAside } from '../../domain/set-aside.ts';
import type { Instant } from '../../domain/time.ts';
import { ownerFrom } from './compose-labels.ts';
import type {
  ContainerInspect,
  ContainerState,
  EngineHealthcheck,
  HostConfig,
  ListEntry,
  NetworkSettings,
} from './engine-shapes.ts';

const PROBE_OUTPUT_LIMIT = 4_096;

/** The engine's own defaults, from moby's `daemon/health.go`. Milliseconds. */
const HEALTHCHECK_DEFAULTS: Healthcheck = { interval: 30_000, timeout: 30_000, retries: 3, startPeriod: 0 };

/**
 * A replica from one entry of the container list. Undefined for a container that is not Compose's. The list shows ports of
 * running containers only: `publishesPorts` of a stopped one is certain after an inspect.
 */
export function replicaFromList(entry: ListEntry): Replica | undefined {
  const labels = entry.Labels ?? {};
  const owner = ownerFrom(labels);
  if (owner === undefined) return undefined;
  const state = entry.State as State;
  const known = { id: entry.Id, name: ownName(entry.Names) };
  return {
    ...owner,
    ...known,
    oneOff: owner.oneOff || isSetAside(known),
    image: entry.Image,
    state,
    health: state === 'running' ? healthFromList(entry) : 'none',
    exitCode: hasEnded(state) ? exitCodeFromStatus(entry.Status) : undefined,
    labels,
    networkParent: containerIn(entry.HostConfig?.NetworkMode),
    addresses: addressesIn(entry.NetworkSettings),
    createdAt: entry.Created * 1_000,
    publishesPorts: (entry.Ports ?? []).some(port => port.PublicPort !== undefined),
    inspected: undefined,
    seen: NOTHING_SEEN,
    samples: [],
  };
}

/**
 * A replica from an inspect. Undefined for a container that is not Compose's. What does not run has no health, as in the list:
 * an inspect calls it unhealthy only because nobody probes it (moby container/health.go, CloseMonitorChannel).
 */
export function replicaFromInspect(container: ContainerInspect): Replica | undefined {
  const labels = container.Config.Labels ?? {};
  const owner = ownerFrom(labels);
  if (owner === undefined) return undefined;
  const state = container.State.Status as State;
  const known = { id: container.Id, name: container.Name.replace(/^\//, '') };
  return {
    ...owner,
    ...known,
    oneOff: owner.oneOff || isSetAside(known),
    image: container.Config.Image ?? container.Image,
    state,
    health: state === 'running' ? healthFrom(container.State.Health?.Status) : 'none',
    exitCode: hasEnded(state) ? container.State.ExitCode : undefined,
    labels,
    networkParent: containerIn(container.HostConfig.NetworkMode),
    addresses: addressesIn(container.NetworkSettings),
    createdAt: instantFrom(container.Created) ?? 0,
    publishesPorts: publishesPorts(container),
    inspected: inspectedFrom(container),
    seen: NOTHING_SEEN,
    samples: [],
  };
}

function inspectedFrom(container: ContainerInspect): Inspected {
  const { State: state, Config: config, HostConfig: host } = container;
  return {
    startedAt: instantFrom(state.StartedAt),
    finishedAt: instantFrom(state.FinishedAt),
    restartCount: container.RestartCount ?? 0,
    restartPolicy: restartPolicyFrom(host),
    oomKilled: state.OOMKilled ?? false,
    error: state.Error ?? '',
    healthcheck: healthcheckFrom(config.Healthcheck ?? undefined),
    failingStreak: state.Health?.FailingStreak ?? 0,
    lastProbe: lastProbeFrom(state),
    stopGrace: config.StopTimeout == null ? undefined : config.StopTimeout * 1_000,
    sharesWith: sharesWith(host),
    mayWrite: mayWrite(container),
    aliases: aliasesIn(container.NetworkSettings),
  };
}

/** Links give a container more names, `/web/db`; its own has a single slash. */
export const ownName = (names: readonly string[]): string =>
  (names.find(name => name.lastIndexOf('/') === 0) ?? names[0] ?? '').replace(/^\//, '');

const hasEnded = (state: State): boolean => state === 'exited' || state === 'dead' || state === 'restarting';

function exitCodeFromStatus(status: string): number | undefined {
  const code = /^(?:Exited|Restarting|Dead) \((\d+)\)/.exec(status)?.[1];
  return code === undefined ? undefined : Number(code);
}

function healthFromList(entry: ListEntry): Health {
  if (entry.Health?.Status) return healthFrom(entry.Health.Status);
  return healthFrom(/\((?:health: )?(starting|healthy|unhealthy)\)$/.exec(entry.Status)?.[1]);
}

const healthFrom = (word: string | undefined): Health =>
  word === 'starting' || word === 'healthy' || word === 'unhealthy' ? word : 'none';

const containerIn = (mode: string | undefined): string | undefined => /^container:(.+)$/.exec(mode ?? '')?.[1];

const endpointsIn = (settings: NetworkSettings | undefined) => Object.values(settings?.Networks ?? {});

/** What is not connected has empty ones. */
const addressesIn = (settings: NetworkSettings | undefined): string[] =>
  endpointsIn(settings).flatMap(({ IPAddress, GlobalIPv6Address }) =>
    [IPAddress, GlobalIPv6Address].filter(address => address !== undefined && address !== ''),
  ) as string[];

const aliasesIn = (settings: NetworkSettings | undefined): string[] => [
  ...new Set(endpointsIn(settings).flatMap(({ Aliases }) => Aliases ?? [])),
];

/** The engine writes the year 1 where nothing has happened yet. */
function instantFrom(text: string | undefined): Instant | undefined {
  const instant = Date.parse(text ?? '');
  return instant > 0 ? instant : undefined;
}

function publishesPorts({ HostConfig: host, Config: config }: ContainerInspect): boolean {
  const exposes = Object.keys(config.ExposedPorts ?? {}).length > 0;
  const openOnHost = host.PublishAllPorts === true || host.NetworkMode === 'host';
  return Object.keys(host.PortBindings ?? {}).length > 0 || (exposes && openOnHost);
}

const RESTART_POLICIES: readonly string[] = ['always', 'on-failure', 'unless-stopped'];

function restartPolicyFrom(host: HostConfig): RestartPolicy {
  const name = host.RestartPolicy?.Name ?? '';
  return {
    name: RESTART_POLICIES.includes(name) ? (name as RestartPolicy['name']) : 'no',
    maximumRetries: host.RestartPolicy?.MaximumRetryCount ?? 0,
  };
}

function healthcheckFrom(check: EngineHealthcheck | undefined): Healthcheck | undefined {
  const kind = check?.Test?.[0];
  if (check === undefined || kind === undefined || kind === 'NONE') return undefined;
  const milliseconds = (nanoseconds: number | undefined) => (nanoseconds ?? 0) / 1_000_000;
  return {
    interval: milliseconds(check.Interval) || HEALTHCHECK_DEFAULTS.interval,
    timeout: milliseconds(check.Timeout) || HEALTHCHECK_DEFAULTS.timeout,
    retries: check.Retries || HEALTHCHECK_DEFAULTS.retries,
    startPeriod: milliseconds(check.StartPeriod),
  };
}

function lastProbeFrom(state: ContainerState): Probe | undefined {
  const last = state.Health?.Log?.at(-1);
  if (last === undefined) return undefined;
  return {
    at: instantFrom(last.End) ?? 0,
    exitCode: last.ExitCode,
    output: last.Output.trim().slice(0, PROBE_OUTPUT_LIMIT),
  };
}

const mayWrite = ({ HostConfig: host, Mounts }: ContainerInspect): Record<string, boolean> => ({
  '/': host.ReadonlyRootfs !== true,
  ...Object.fromEntries((Mounts ?? []).map(({ Destination, RW }) => [Destination, RW])),
  // What is in memory is not told with the others where a Compose file asks for it the short way.
  ...Object.fromEntries(Object.keys(host.Tmpfs ?? {}).map(place => [place, true])),
});

function sharesWith(host: HostConfig): string[] {
  // `volumes_from` entries may end in the mode, `:ro` or `:rw`.
  const volumes = (host.VolumesFrom ?? []).map(from => from.split(':')[0] ?? from);
  const parents = [containerIn(host.IpcMode), containerIn(host.PidMode), ...volumes];
  return [...new Set(parents.filter(parent => parent !== undefined))];
}
