import { type Approval, type Consent, deedOf } from '../../watchdog/domain/approval.ts';
import type { Case } from '../../watchdog/domain/decision.ts';
import type { DiskReading } from '../../watchdog/domain/disk.ts';
import { durationFrom } from '../../watchdog/domain/duration-from.ts';
import type { Finding } from '../../watchdog/domain/finding.ts';
import type { Resize } from '../../watchdog/domain/headcount.ts';
import type { Incident } from '../../watchdog/domain/incident.ts';
import type { MemoryReading } from '../../watchdog/domain/memory.ts';
import type { Playbook } from '../../watchdog/domain/playbook.ts';
import type { Policy } from '../../watchdog/domain/policy.ts';
import type { Attempt, Order } from '../../watchdog/domain/repair.ts';
import type { Healthcheck, Inspected, Replica, Seen, Service, ServiceRef } from '../../watchdog/domain/service.ts';
import { NOTHING_SEEN } from '../../watchdog/domain/service.ts';
import type { Stack } from '../../watchdog/domain/stack.ts';
import { type Duration, hours, type Instant, minutes, seconds } from '../../watchdog/domain/time.ts';

// Small builders: a test says what differs, the rest is a healthy little shop. Everything is dated relative to NOON.

/** The moment at which the builders stand: 2026-03-01 12:00 UTC. */
export const NOON: Instant = Date.UTC(2026, 2, 1, 12);

/** `ago('5m')`. */
export const ago = (words: string): Instant => NOON - duration(words);
/** `later('5m')`. */
export const later = (words: string): Instant => NOON + duration(words);

function duration(words: string): Duration {
  const found = durationFrom(words);
  if (found === undefined) throw new Error(`${words} is no duration`);
  return found;
}

export const HEALTHCHECK: Healthcheck = {
  interval: seconds(10),
  timeout: seconds(3),
  retries: 3,
  startPeriod: seconds(0),
};

export const anInspection = (differing: Partial<Inspected> = {}): Inspected => ({
  startedAt: ago('1h'),
  finishedAt: undefined,
  restartCount: 0,
  restartPolicy: { name: 'no', maximumRetries: 0 },
  oomKilled: false,
  error: '',
  healthcheck: undefined,
  failingStreak: 0,
  lastProbe: undefined,
  stopGrace: undefined,
  sharesWith: [],
  mayWrite: { '/': true },
  aliases: [],
  ...differing,
});

type ReplicaDiffering = Partial<Omit<Replica, 'inspected' | 'seen'>> & {
  /** `null`: nobody has looked yet. */
  readonly inspected?: Partial<Inspected> | null;
  readonly seen?: Partial<Seen>;
};

/** A running replica without a health check, looked at; its id and name follow from service and number. */
export function aReplica({ inspected, seen, ...differing }: ReplicaDiffering = {}): Replica {
  const { project = 'shop', service = 'web', number = 1 } = differing;
  return {
    project,
    service,
    number,
    id: `${project}-${service}-${number}-id`,
    name: `${project}-${service}-${number}`,
    image: `${service}:latest`,
    state: 'running',
    health: 'none',
    exitCode: undefined,
    labels: {},
    networkParent: undefined,
    addresses: [],
    createdAt: ago('1h'),
    oneOff: false,
    publishesPorts: false,
    samples: [],
    ...differing,
    inspected: inspected === null ? undefined : anInspection(inspected),
    seen: { ...NOTHING_SEEN, ...seen },
  };
}

/** With a health check, and healthy. */
export const aHealthyReplica = ({ inspected, ...differing }: ReplicaDiffering = {}): Replica =>
  aReplica({ health: 'healthy', ...differing, inspected: { healthcheck: HEALTHCHECK, ...inspected } });

/** A service of one running replica. Its replicas get its name. */
export function aService(differing: Partial<Service> = {}): Service {
  const { project = 'shop', service = 'web' } = differing;
  return { project, service, dependencies: [], replicas: [aReplica({ project, service })], ...differing };
}

/** A stack of these services; `gone`: which service a container that is gone belonged to. */
export function aStack(
  services: readonly Service[],
  facts: {
    readonly gone?: Readonly<Record<string, ServiceRef>>;
    readonly lastDeployAt?: Instant;
    readonly resizedByHand?: Resize;
    readonly disks?: readonly DiskReading[];
    readonly memory?: MemoryReading;
  } = {},
): Stack {
  const replicas = services.flatMap(({ replicas: own }) => own);
  const replica = (idOrName: string) => replicas.find(({ id, name }) => id === idOrName || name === idOrName);
  return {
    service: ref => services.find(({ project, service }) => project === ref.project && service === ref.service),
    services: project => services.filter(service => project === undefined || service.project === project),
    replica,
    ownerOf: id => replica(id) ?? facts.gone?.[id],
    lastDeployAt: () => facts.lastDeployAt,
    resizedByHand: () => facts.resizedByHand,
    disk: path => facts.disks?.find(reading => reading.path === path),
    memory: () => facts.memory,
    sampledEvery: seconds(30),
  };
}

export const aFinding = (differing: Partial<Finding> = {}): Finding => ({
  kind: 'changed',
  target: { project: 'shop', service: 'web' },
  source: 'events',
  at: NOON,
  seenAt: NOON,
  evidence: {},
  ...differing,
});

export const anIncident = (differing: Partial<Incident> = {}): Incident => {
  const { project = 'shop', service = 'web' } = differing;
  return {
    project,
    service,
    kind: 'ailing',
    condition: 'unhealthy',
    because: 'the health check fails',
    patients: [{ id: `${project}-${service}-1-id`, name: `${project}-${service}-1`, number: 1 }],
    evidence: {},
    since: ago('1m'),
    stoppedByHandAt: undefined,
    ...differing,
  };
};

export const aPolicy = (differing: Partial<Policy> = {}): Policy => ({
  enabled: true,
  mode: 'repair',
  maxAttempts: 3,
  cooldown: minutes(5),
  window: hours(1),
  backoff: { initial: seconds(10), factor: 2, max: minutes(5) },
  onStop: 'repair',
  stopGrace: seconds(30),
  settle: seconds(10),
  dependsOn: [],
  followLogs: true,
  freeMemory: false,
  critical: false,
  alternativePort: false,
  playbooks: {},
  stopTimeout: undefined,
  problems: [],
  ...differing,
});

export const aPlaybook = (differing: Partial<Playbook> = {}): Playbook => ({
  name: 'unhealthy',
  condition: 'unhealthy',
  patterns: [],
  ladder: [{ strategy: 'restart', with: {} }],
  evenIfWell: false,
  patience: undefined,
  cooldown: undefined,
  attempts: undefined,
  source: 'rules/playbooks/unhealthy.yml',
  ...differing,
});

/** An attempt on replica 1 that ended five seconds after it began and did not help. */
export function anAttempt(differing: Partial<Attempt> = {}): Attempt {
  const { at = ago('10m') } = differing;
  return {
    at,
    endedAt: at + seconds(5),
    outcome: 'not-healed',
    code: 'still-unhealthy',
    strategy: 'restart',
    condition: 'unhealthy',
    replicas: [1],
    ...differing,
  };
}

export const anOrder = (differing: Partial<Order> = {}): Order => ({
  project: 'shop',
  service: 'web',
  kind: 'ailing',
  condition: 'unhealthy',
  strategy: 'restart',
  with: {},
  targets: anIncident().patients,
  attempt: 1,
  reason: 'the health check fails',
  asked: false,
  stopTimeout: undefined,
  ...differing,
});

/** Nobody has said anything. */
export const NO_CONSENT: Consent = { beforehand: [], approvals: [], wait: hours(24) };

/** A question about wiping shop/web that waits for another hour. */
export const anApproval = (differing: Partial<Approval> = {}): Approval => ({
  id: '3',
  incidentId: '7',
  project: 'shop',
  service: 'web',
  strategy: 'wipe',
  what: 'wipe on shop-web-1 of shop/web: empties a folder (touches data)',
  deed: deedOf(anOrder({ strategy: 'wipe' })),
  state: 'waiting',
  askedAt: ago('1h'),
  expiresAt: later('1h'),
  answeredAt: undefined,
  reason: '',
  ...differing,
});

/** A case in which nothing stands in the way: shop/web is unhealthy, and everything else is well and new. */
export function aCase(differing: Partial<Case> = {}): Case {
  const incident = differing.incident ?? anIncident();
  const sick = aService({
    project: incident.project,
    service: incident.service,
    replicas: [aHealthyReplica({ project: incident.project, service: incident.service, health: 'unhealthy' })],
  });
  const service = 'service' in differing ? differing.service : sick;
  return {
    incident,
    stack: aStack(service === undefined ? [] : [service]),
    past: { attempts: [], escalated: false },
    otherAttempts: [],
    policy: aPolicy(),
    playbook: aPlaybook(),
    playbookNames: ['unhealthy'],
    onHost: [],
    onService: [],
    dangers: { restart: 'service', start: 'service', recreate: 'service', wipe: 'data', 'prune-host': 'host' },
    host: { repairsInStormWindow: [], stormLimit: 60, stormWindow: minutes(10) },
    scope: { projects: '*', selfId: undefined },
    pause: undefined,
    beyondRepair: [],
    underRepair: [],
    consent: NO_CONSENT,
    summaries: { wipe: 'empties a folder', 'prune-host': 'empties the host' },
    size: undefined,
    ailing: false,
    attack: undefined,
    asked: undefined,
    watchingSince: ago('1d'),
    jitter: 0,
    now: NOON,
    ...differing,
    service,
  };
}
