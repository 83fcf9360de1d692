import type { Duration, Instant } from '../../../watchdog/domain/time.ts';
import type { SeenRepair } from '../history.ts';
import { at, firstOf, limitsOf, type Rule, type World } from '../rule.ts';

/** Rule 2, per service and kind. What a person wants, or has said yes to, is no loop of the watchdog's. */
export const attemptCap: Rule = {
  rule: 2,
  says: 'never more attempts than the cap in a window, per service and kind',
  begins: ({ order, at: now }, world) => {
    if (order.asked || world.consent.yesTo(order) !== undefined) return undefined;
    const { attempts, window } = limitsOf(order.condition, world);
    const counts = ({ at: then, outcome }: SeenRepair) =>
      isWithin(window, then, now) && (order.kind !== 'mis-sized' || outcome !== 'healed');
    const before = world.history.of(order.service, order.kind).filter(counts);
    if (before.length < attempts) return undefined;
    return `${order.service}: attempt ${before.length + 1} of ${attempts} (${before.map(one => at(one.at)).join(', ')})`;
  },
};

/** Rule 2, over the host. */
export const stormBudget: Rule = {
  rule: 2,
  says: 'never more repairs than the host-wide budget',
  begins: ({ order, at: now }, { history, settings: { stormLimit, stormWindow } }) => {
    const before = history
      .since(now - stormWindow)
      .filter(repair => repair.order.kind !== 'mis-sized' && isWithin(stormWindow, repair.at, now)).length;
    const exempt = order.asked || order.kind === 'mis-sized';
    return exempt || before < stormLimit ? undefined : `${before + 1} repairs on the host, ${stormLimit} allowed`;
  },
};

/** Rule 3, of one service. */
export const oneAtATime: Rule = {
  rule: 3,
  says: 'never two repairs of one service at once',
  begins: ({ order }, { history }) => {
    const [other] = history.openAt(order.service);
    return other && `${order.service}: ${order.strategy} begins while ${other.order.strategy} has not ended`;
  },
};

/** Rule 3, over the host. */
export const fewInParallel: Rule = {
  rule: 3,
  says: 'never more than the allowed number in parallel over the host',
  acts: ({ word, service, besides }, { settings: { maxParallel } }) =>
    besides < maxParallel ? undefined : `${word} of ${service} beside ${besides} others, ${maxParallel} allowed`,
};

/** Rule 4, after a repair that worked. */
export const cooldown: Rule = {
  rule: 4,
  says: 'never a repair inside the cooldown after a heal',
  begins: ({ order, at: now }, world) => {
    if (order.asked) return undefined;
    const healed = world.history.of(order.service).filter(({ outcome }) => outcome === 'healed');
    return firstOf(order.targets, ({ name, number }) => {
      const last = healed.filter(one => one.order.targets.some(target => target.number === number)).map(endOf);
      const quiet = limitsOf(order.condition, world).cooldown;
      const until = Math.max(...last.filter(end => isWithin(quiet, end, now))) + quiet;
      return now < until ? `${name} was healed and is to be left alone until ${at(until)}` : undefined;
    });
  },
};

/** Rule 4, after one that did not. */
export const backoff: Rule = {
  rule: 4,
  says: 'never a repair inside the backoff after a failure',
  begins: ({ order, at: now }, world) => {
    if (order.asked) return undefined;
    const until = backoffEnd(order.service, order.kind, now, world);
    return until !== undefined && now < until ? `${order.service} is to be left alone until ${at(until)}` : undefined;
  },
};

const endOf = ({ endedAt }: SeenRepair): Instant => endedAt ?? Number.NEGATIVE_INFINITY;

function backoffEnd(service: string, kind: SeenRepair['order']['kind'], now: Instant, world: World) {
  const { window, cooldown: quiet, backoff: wait } = limitsOf('', world);
  // What no limit looks back to is forgotten.
  const known = world.history.of(service, kind).filter(repair => repair.at > now - window - quiet - 2 * wait.max);
  const failures = known
    .slice(known.findLastIndex(({ outcome }) => outcome === 'healed') + 1)
    .filter(({ endedAt }) => endedAt !== undefined);
  const last = failures.at(-1);
  if (last === undefined) return undefined;
  const delay: Duration = Math.min(wait.initial * wait.factor ** (failures.length - 1), wait.max);
  return isWithin(delay, endOf(last), now) ? endOf(last) + delay : undefined;
}

/** Less than so long ago; what lies further ahead than that was before the clock was set back, and nobody knows how long ago. */
const isWithin = (span: Duration, then: Instant, now: Instant): boolean => then > now - span && then <= now + span;
