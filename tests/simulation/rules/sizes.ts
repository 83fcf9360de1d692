import { type Duration, minutes } from '../../../watchdog/domain/time.ts';
import { type Deed, firstOf, planOf, type Rule, type World } from '../rule.ts';
import { isHopeless, REPAIRED } from './outcome.ts';

/** What the watchdog lists and what people have done meanwhile may be so far apart. */
const MEANWHILE: Duration = minutes(1);

/** Rule 9, of its edges. */
export const withinLimits: Rule = {
  rule: 9,
  says: 'replicas stay within min and max',
  begins: ({ order }, world) => {
    if (order.strategy !== 'scale') return undefined;
    const scaled = planOf(order.service, world)?.scaled;
    if (scaled === undefined) return `${order.service} is not scaled`;
    const wanted = Number(order.with.replicas);
    return wanted >= scaled.min && wanted <= scaled.max
      ? undefined
      : `${order.service} is to have ${wanted} replicas, of ${scaled.min} to ${scaled.max}`;
  },
  acts: ({ word, service, container }, world) => {
    const max = planOf(service, world)?.scaled?.max;
    if (word !== 'start' || max === undefined || !isScaling(service, world) || !isClear(service, world))
      return undefined;
    const others = world.engine.containersOf(service).filter(one => one !== container && !world.engine.isSeed(one));
    return others.length < max ? undefined : `${container?.name} is started beside ${others.length}, ${max} allowed`;
  },
  atRest: world => firstOf(world.plan.services, ({ service }) => missized(service, world)),
};

/** Rule 9, of the last one. */
export const lastOneStays: Rule = {
  rule: 9,
  says: 'the last healthy replica is never taken away',
  acts: (deed, world) => {
    const { word, service, container } = deed;
    if (container === undefined || !isTaking(deed, world) || !world.engine.looksWell(container)) return undefined;
    const others = world.engine.containersOf(service).filter(one => one !== container);
    if (!isClear(service, world) || others.some(one => world.engine.looksWell(one))) return undefined;
    return `${word} of ${container.name}, and no other replica is well`;
  },
};

const isScaling = (service: string, { history }: World): boolean =>
  history.openAt(service).some(({ order }) => order.strategy === 'scale');

/** To nothing is what a service is scaled that has nothing to do. */
const isTaking = ({ word, service }: Deed, { history }: World): boolean =>
  (word === 'stop' || word === 'remove') &&
  history.openAt(service).some(({ order }) => order.strategy === 'scale' && order.with.replicas !== 0);

/** The watchdog can know who is there. */
function isClear(service: string, { people, weather, clock }: World): boolean {
  const changedAt = people.changedAt(service);
  const alone = changedAt === undefined || clock.monotonic() > changedAt + MEANWHILE;
  return alone && !people.deploys(service) && weather.fairFor(MEANWHILE);
}

/** Hours after the last item. */
function missized(service: string, world: World): string | undefined {
  const plan = planOf(service, world);
  if (plan?.scaled === undefined || !REPAIRED.has(plan.standing) || isHopeless(service, world)) return undefined;
  const there = world.engine.containersOf(service).filter(one => !world.engine.isSeed(one));
  const isHeld = there.some(({ id }) => world.people.stoppedSince(id) !== undefined);
  if (isHeld || there.length === plan.scaled.min) return undefined;
  return `${service} has ${there.length} replicas and nothing to do; its min is ${plan.scaled.min}`;
}
