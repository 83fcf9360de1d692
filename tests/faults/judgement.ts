import type { ContainerInspectInfo } from 'dockerode';
import type { Deed } from './engine-account.ts';
import type { IncidentRow, RepairRow } from './ledger-records.ts';

/** A service was made ill on purpose, while it was well. */
export interface Illness {
  readonly service: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How the containers of a service stand, as far as a repair must leave that as it was. */
export type Standing = Readonly<Record<string, readonly object[]>>;

export interface Evidence {
  readonly illnesses: readonly Illness[];
  /** The engine's own account. */
  readonly deeds: readonly Deed[];
  readonly before: Standing;
  readonly after: Standing;
  /** The ledger's. */
  readonly incidents: readonly Pick<IncidentRow, 'service' | 'openedAt' | 'resolvedAt'>[];
  readonly repairs: readonly Pick<RepairRow, 'service' | 'startedAt' | 'endedAt'>[];
  /**
   * How many starts one illness may take where it is not one: a repair that is undone takes another one, to have the old container
   * run again.
   */
  readonly startsAllowed?: Readonly<Record<string, number>>;
}

/** What came of it, each with a sentence for what should not be. */
export interface Judgement {
  readonly injected: number;
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly unrecorded: readonly string[];
}

/** Judges what a watchdog did by what the engine tells and by what is in the ledger, whatever the watchdog says. */
export function judge(evidence: Evidence): Judgement {
  const spells = evidence.illnesses.map(illness => spellOf(illness, evidence));
  return {
    injected: evidence.illnesses.length,
    lost: lost(evidence),
    doubled: [...spells.flatMap(spell => repairedAgain(spell, evidence)), ...sideBySide(evidence.deeds)],
    unrecorded: spells.flatMap(spell => unrecorded(spell, evidence)),
  };
}

/** An illness, from its beginning until the same service was made ill again. */
interface Spell extends Illness {
  readonly until: number;
  readonly starts: readonly Deed[];
}

function spellOf({ service, at }: Illness, { illnesses, deeds }: Evidence): Spell {
  const next = illnesses.filter(other => other.service === service && other.at > at).map(other => other.at);
  const until = Math.min(...next);
  const within = (deed: Deed) => deed.service === service && deed.at >= at && deed.at < until;
  return { service, at, until, starts: deeds.filter(deed => deed.what === 'start' && within(deed)) };
}

const lost = ({ before, after }: Evidence): readonly string[] =>
  Object.entries(before).flatMap(([service, was]) => {
    const is = JSON.stringify(after[service]);
    return is === JSON.stringify(was) ? [] : [`${service} was ${JSON.stringify(was)}, and is ${is}`];
  });

/**
 * A process needs to be started once to be well again; and once more each time it falls ill by itself meanwhile, as probes do on a
 * machine that is too busy to run them in time.
 */
function repairedAgain(
  { service, at, until, starts }: Spell,
  { deeds, startsAllowed = {} }: Evidence,
): readonly string[] {
  const since = starts[0]?.at ?? until;
  const byItself = deeds.filter(
    deed => deed.service === service && deed.what === 'unhealthy' && deed.at > since && deed.at < until,
  );
  if (starts.length <= (startsAllowed[service] ?? 1) + byItself.length) return [];
  return [`${service}, ill since ${at}, was started at ${starts.map(start => start.at).join(', ')}`];
}

/** Two containers of one service that run at the same time; no service here has more than one. */
function sideBySide(deeds: readonly Deed[]): readonly string[] {
  const running = new Map<string, Set<string>>();
  return deeds.flatMap(({ service, containerId, what, at }) => {
    const those = running.getOrInsertComputed(service, () => new Set());
    if (what === 'die') those.delete(containerId);
    if (what === 'start') those.add(containerId);
    return what === 'start' && those.size > 1 ? [`${those.size} containers of ${service} ran at ${at}`] : [];
  });
}

/**
 * An incident was open in its time, and each start came after a repair that was written down before: begun since it fell ill (an
 * engine may finish what a watchdog that died had asked of it, when the next one has closed the entry), or still under way.
 */
function unrecorded({ service, at, until, starts }: Spell, { incidents, repairs }: Evidence): readonly string[] {
  const known = incidents.some(
    incident => incident.service === service && incident.openedAt < until && (incident.resolvedAt ?? until) >= at,
  );
  const ours = repairs.filter(repair => repair.service === service);
  const unannounced = starts.filter(
    start =>
      !ours.some(
        ({ startedAt, endedAt }) => startedAt <= start.at && (startedAt >= at || start.at <= (endedAt ?? until)),
      ),
  );
  return [
    ...(known ? [] : [`no incident knows of the illness of ${service} at ${at}`]),
    ...unannounced.map(start => `${service} was started at ${start.at}, and no repair in the ledger accounts for it`),
  ];
}

/** Nothing that a repair may change: id, times, addresses. */
export const standingOf = (containers: readonly ContainerInspectInfo[]): readonly object[] =>
  containers.map(({ Name, State, NetworkSettings, Mounts }) => ({
    name: Name,
    state: State.Status,
    health: State.Health?.Status,
    networks: Object.keys(NetworkSettings.Networks).sort(),
    volumes: Mounts.map(mount => mount.Name).sort(),
  }));
