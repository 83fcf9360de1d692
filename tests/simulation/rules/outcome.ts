import { keyOf } from '../../../watchdog/domain/incident.ts';
import { type Duration, hours, inWords, minutes } from '../../../watchdog/domain/time.ts';
import type { FakeContainer } from '../../fakes/fake-container.ts';
import { escalationKey, firstOf, planOf, type Rule, toldKey, type World } from '../rule.ts';
import { PROJECT } from '../simulated-engine.ts';

export const REPAIRED: ReadonlySet<string> = new Set(['watched', 'respects-stops']);

/** Rule 7, of what can be healed. */
export const healed: Rule = {
  rule: 7,
  says: 'a repairable fault is healed, and its incident closed',
  atRest: world =>
    firstOf(world.engine.containers, container => notHealed(container, world)) ??
    firstOf(world.plan.services, ({ service }) => leftOpen(service, world)),
};

function notHealed(container: FakeContainer, world: World): string | undefined {
  const { engine, people } = world;
  const { service } = container.making;
  if (!REPAIRED.has(planOf(service, world)?.standing ?? '') || isHopeless(service, world)) return undefined;
  if (people.stoppedSince(container.id) !== undefined || engine.isSeed(container)) return undefined;
  if (engine.isStranded(container)) return `${container.name} has no network`;
  if (engine.looksWell(container)) return undefined;
  return `${container.name} is ${container.state} (${container.health})`;
}

function leftOpen(service: string, world: World): string | undefined {
  if (isHopeless(service, world)) return undefined;
  const { ledger } = world.lives;
  const open =
    ledger.openIncidentOf(keyOf({ project: PROJECT, service, kind: 'ailing' })) ??
    ledger.openIncidentOf(keyOf({ project: PROJECT, service, kind: 'mis-sized' }));
  const { engine } = world;
  const isUp = (one: FakeContainer) => engine.looksWell(one) && engine.hasNetwork(one);
  const up = engine.containersOf(service).every(one => isUp(one) || engine.isSeed(one));
  return open !== undefined && up
    ? `${service} is well, and its incident is still open (${open.condition}, ${open.state})`
    : undefined;
}

/** It, or what it cannot be without, can only be mended by people. */
export function isHopeless(service: string, world: World): boolean {
  const { engine } = world;
  const parent = planOf(service, world)?.inNetworkOf;
  if (parent !== undefined && isHopeless(parent, world)) return true;
  return engine.containersOf(service).some(container => {
    if (isIll(container, world)) return true;
    const lacks = engine.lacks(container);
    return lacks !== undefined && (isHopeless(lacks, world) || !isRepaired(lacks, world));
  });
}

/** Of itself, and its health check or its end shows it; wrong answers are a trouble of their own. */
function isIll(container: FakeContainer, { engine }: World): boolean {
  const trouble = engine.troubleOf(container);
  return trouble !== undefined && trouble.how !== 'errs';
}

const isRepaired = (service: string, world: World): boolean =>
  REPAIRED.has(planOf(service, world)?.standing ?? '') &&
  world.engine.containersOf(service).every(({ id }) => world.people.stoppedSince(id) === undefined);

const AN_HOUR: Duration = hours(1);
/** Much may befall a service in an hour, each time something else; not so much. */
const OFTEN = 6;

/** Rule 7, of what can not. */
export const escalatedOnce: Rule = {
  rule: 7,
  says: 'an unrepairable fault is escalated once, and again only when something changes',
  hears: (news, { escalations, told, clock, consent }) => {
    if (news.type !== 'incident-escalated') return undefined;
    const { incident, code } = news;
    const since = clock.monotonic() - AN_HOUR;
    const lately = (told.get(toldKey(news)) ?? []).filter(at => at > since).length;
    // Whoever said yes hears that it did not help, and is asked for the next one.
    const wanted = code === 'approval' ? consent.usedSince(incident.service, since) : 0;
    if (lately > OFTEN + wanted) return `people were told ${lately} times within an hour of ${toldKey(news)}`;
    const times = escalations.get(escalationKey(news)) ?? 0;
    return times < 2 ? undefined : `people were told ${times} times of ${incident.service}: ${code}`;
  },
  atRest: world =>
    firstOf(world.engine.containers, container => {
      const { service } = container.making;
      const standing = planOf(service, world)?.standing;
      if (!isIll(container, world) || standing !== 'watched' || world.engine.looksWell(container)) return undefined;
      return isKnown(service, world) ? undefined : `${container.name} is beyond repair, and nobody was told`;
    }),
};

/** People were told of it, or of what it waits for: the lowest sick service is what they have to look at. */
function isKnown(service: string, world: World): boolean {
  const open = world.lives.ledger.openIncidentOf(keyOf({ project: PROJECT, service, kind: 'ailing' }));
  if ([...world.escalations.keys()].some(key => key.startsWith(`${open?.id} `))) return true;
  const needs = planOf(service, world)?.needs ?? [];
  return needs.some(name => !world.engine.isUp(name) && isKnown(name, world));
}

/** Time for the watchdog to hear of it: one round and a look. */
const HEARD = minutes(1);

/** Rule 8. */
export const lowestFirst: Rule = {
  rule: 8,
  says: 'the lowest sick dependency is repaired first; a dependant that recovers by itself is never touched',
  begins: ({ order }, world) => {
    const { clock, weather, engine, settings } = world;
    const plan = planOf(order.service, world);
    const heard = HEARD + settings.interval;
    if (order.asked || plan === undefined || !weather.fairFor(heard)) return undefined;
    const below = firstOf(plan.needs, name => {
      const since = world.downSince(name);
      const down = since !== undefined && clock.monotonic() - since > heard;
      if (!down || !isRepaired(name, world) || isLeftToPeople(name, world)) return undefined;
      return `${order.service} is repaired while ${name}, which it needs, is down for ${inWords(clock.monotonic() - since)}`;
    });
    return below ?? (order.condition === 'unhealthy' ? recoversByItself(order.service, engine, world) : undefined);
  },
};

function recoversByItself(service: string, engine: World['engine'], world: World): string | undefined {
  const suffers = engine.containersOf(service).every(one => one.runs && engine.suffers(one));
  const left = planOf(service, world)?.needs.some(name => isLeftToPeople(name, world) || !isRepaired(name, world));
  return suffers && !left ? `nothing is wrong with ${service} itself` : undefined;
}

/** Waiting for it would be waiting for ever: people have taken it away, or are asked to look. */
const isLeftToPeople = (service: string, { lives, people, engine }: World): boolean =>
  people.isPaused(service) ||
  engine.containersOf(service).length === 0 ||
  lives.ledger.openIncidentOf(keyOf({ project: PROJECT, service, kind: 'ailing' }))?.state === 'escalated';
