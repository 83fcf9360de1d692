import type { Condition } from './domain/condition.ts';
import type { Case, HostLoad, Pause, Scope } from './domain/decision.ts';
import type { Finding } from './domain/finding.ts';
import { CONTAINER_KINDS, type Incident, type IncidentKind, keyOf } from './domain/incident.ts';
import type { Playbook } from './domain/playbook.ts';
import type { Policy } from './domain/policy.ts';
import type { OpenIncident } from './domain/records.ts';
import type { Danger, Past } from './domain/repair.ts';
import type { ServiceRef } from './domain/service.ts';
import type { SizeFacts } from './domain/size.ts';
import type { Stack } from './domain/stack.ts';
import type { Duration, Instant } from './domain/time.ts';

/** What a case is looked up from; part of the pipeline's rooms. */
export interface CaseSources {
  readonly stack: Stack;
  /** The part of the ledger that it reads; by its own words, because this file sees no room. */
  readonly ledger: {
    past(key: string, since: Instant): Past;
    repairsSince(since: Instant): readonly Instant[];
    openIncidentOf(key: string): OpenIncident | undefined;
  };
  readonly strategies: {
    dangers(): Readonly<Record<string, Danger>>;
    summaries(): Readonly<Record<string, string>>;
    onHost(): readonly string[];
    onService(): readonly string[];
  };
  readonly policyOf: (ref: ServiceRef, labels: Readonly<Record<string, string>>) => Policy;
  /** `pattern`: by which the error was recognised, where a log told of the incident. */
  readonly playbookFor: (policy: Policy, condition: Condition, pattern?: string) => Playbook | undefined;
  readonly playbookNamed: (name: string) => Playbook | undefined;
  readonly playbookNames: () => readonly string[];
  /** The dangerous strategies that the operator allows for this service without being asked. */
  readonly allowedBeforehand: (ref: ServiceRef) => readonly string[];
  /** How long a question to people waits for its answer. */
  readonly approvalWait: () => Duration;
  readonly pauseOf: (ref: ServiceRef, now: Instant) => Pause | undefined;
  readonly sizes: { factsOf(ref: ServiceRef, now: Instant): SizeFacts | undefined };
  readonly storm: Pick<HostLoad, 'stormLimit' | 'stormWindow'>;
  readonly scope: Scope;
  readonly watchingSince: Instant;
  readonly clock: { now(): Instant };
  /** In [0, 1). */
  readonly random: () => number;
}

/** Puts together all that a decision may know. `isUnderRepair`: a repair of ours is at that service right now. */
export function caseOf(
  finding: Finding,
  incident: Incident,
  sources: CaseSources,
  isUnderRepair: (ref: ServiceRef) => boolean,
): Case {
  const { stack, ledger, storm, scope, watchingSince } = sources;
  const now = sources.clock.now();
  const { project } = incident;
  const service = stack.service(incident);
  const policy = policyInForce(incident, sources);
  const playbook = playbookOf(incident, policy, sources);
  const needed = (service?.dependencies ?? []).map(dependency => dependency.service);
  // Cooldown and backoff run from the end of an attempt, and either may be longer than the window.
  const longest = policy.window + (playbook?.cooldown ?? policy.cooldown) + 2 * policy.backoff.max;
  return {
    incident,
    service,
    stack,
    policy,
    playbook,
    playbookNames: sources.playbookNames(),
    past: ledger.past(keyOf(incident), now - longest),
    otherAttempts: otherKinds(incident).flatMap(key => ledger.past(key, now - longest).attempts),
    dangers: sources.strategies.dangers(),
    summaries: sources.strategies.summaries(),
    onHost: sources.strategies.onHost(),
    onService: sources.strategies.onService(),
    host: { ...storm, repairsInStormWindow: ledger.repairsSince(now - storm.stormWindow) },
    scope,
    pause: sources.pauseOf(incident, now),
    beyondRepair: needed.filter(service =>
      isBeyondRepair({ project, service }, ailmentOf({ project, service }, sources), sources),
    ),
    underRepair: needed.filter(name => isUnderRepair({ project, service: name })),
    consent: {
      beforehand: sources.allowedBeforehand(incident),
      approvals: ledger.openIncidentOf(keyOf(incident))?.approvals ?? [],
      wait: sources.approvalWait(),
    },
    size: sources.sizes.factsOf(incident, now),
    ailing: isAiling(incident, sources),
    attack: attackOn(incident, sources)?.id,
    asked: finding.kind === 'asked' ? (finding.ask ?? {}) : undefined,
    watchingSince,
    jitter: sources.random(),
    now,
  };
}

function otherKinds(incident: Incident): readonly string[] {
  const kinds: readonly IncidentKind[] = CONTAINER_KINDS;
  if (!kinds.includes(incident.kind)) return [];
  return kinds.filter(kind => kind !== incident.kind).map(kind => keyOf({ ...incident, kind }));
}

/**
 * An alert brings its own: its rule says what is wanted. Cooldown and cap stay those of the condition, so that an alert and our
 * own measurements of the same trouble are held by the same limits.
 */
function playbookOf(
  { condition, alert, error }: Incident,
  policy: Policy,
  { playbookFor, playbookNamed }: CaseSources,
): Playbook | undefined {
  const own = playbookFor(policy, condition, error?.pattern);
  if (alert === undefined) return own;
  const { wants } = alert;
  if (wants.kind === 'playbook') return playbookNamed(wants.name);
  return {
    name: `alert:${alert.name}`,
    condition,
    patterns: [],
    ladder: wants.kind === 'strategy' ? [{ strategy: wants.name, with: {} }] : [],
    evenIfWell: true,
    patience: undefined,
    cooldown: own?.cooldown,
    attempts: own?.attempts,
    source: `the label repair of the alert ${alert.name}`,
  };
}

/** What is allowed for this service, by the labels of its first replica. */
export const policyInForce = (ref: ServiceRef, { policyOf, stack }: Pick<CaseSources, 'policyOf' | 'stack'>): Policy =>
  policyOf(ref, stack.service(ref)?.replicas[0]?.labels ?? {});

type Ailment = OpenIncident | undefined;

const ailmentOf = (ref: ServiceRef, { ledger }: CaseSources): Ailment =>
  ledger.openIncidentOf(keyOf({ ...ref, kind: 'ailing' }));

/** It is ill, and we are at it, or will be. */
function isAiling(ref: ServiceRef, sources: CaseSources): boolean {
  const open = ailmentOf(ref, sources);
  return open !== undefined && !isBeyondRepair(ref, open, sources);
}

const attackOn = (ref: ServiceRef, { ledger }: CaseSources): OpenIncident | undefined =>
  ledger.openIncidentOf(keyOf({ ...ref, kind: 'attacked' }));

/** Nobody will heal it: taken out, only observed, attacked, or left to people already. */
function isBeyondRepair(ref: ServiceRef, open: Ailment, sources: CaseSources): boolean {
  const policy = policyInForce(ref, sources);
  if (!policy.enabled || policy.mode === 'observe' || policy.problems.length > 0) return true;
  return open?.state === 'escalated' || attackOn(ref, sources) !== undefined;
}
