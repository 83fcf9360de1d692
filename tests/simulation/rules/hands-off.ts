import { minutes } from '../../../watchdog/domain/time.ts';
import { type Deed, firstOf, planOf, type Rule, type World } from '../rule.ts';

/** An answer that was under way while somebody froze the container may be as old as this. */
const ANSWER: number = minutes(1);

const OFF_LIMITS: ReadonlySet<string> = new Set(['opted-out', 'observed', 'other-project', 'the watchdog itself']);

const offLimits = (service: string, world: World): string | undefined => {
  const standing = planOf(service, world)?.standing ?? 'unknown';
  return OFF_LIMITS.has(standing) ? `${service} is ${standing}` : undefined;
};

/** Rule 1: never act on what is opted out, paused, out of scope, or the watchdog itself. */
export const handsOff: Rule = {
  rule: 1,
  says: 'never act on what is opted out, paused, out of scope, or the watchdog itself',
  begins: ({ order }, world) => {
    const { people, clock } = world;
    if (people.isPaused(order.service)) return `${order.service} is paused by a person`;
    const frozen = firstOf(order.targets, ({ id, name }) => {
      const since = people.frozenSince(id);
      return since !== undefined && clock.monotonic() > since + ANSWER ? `${name} is frozen` : undefined;
    });
    return offLimits(order.service, world) ?? frozen;
  },
  acts: ({ service }: Deed, world) => offLimits(service, world),
};

/** Rule 1, of stops by hand where they are to be respected. */
export const respectedStops: Rule = {
  rule: 1,
  says: 'what a person stopped and wants stopped is not started',
  begins: ({ order }, world) => {
    const { people, clock, weather } = world;
    if (order.asked || planOf(order.service, world)?.standing !== 'respects-stops') return undefined;
    return firstOf(order.targets, ({ id, name }) => {
      const since = people.stoppedSince(id);
      if (since === undefined) return undefined;
      // Only events tell who stopped it.
      return weather.fairFor(clock.monotonic() - since) ? `${name} was stopped by hand` : undefined;
    });
  },
};

/** Rule 1, the other way about: nothing is done that no order stands for. */
export const byOrderOnly: Rule = {
  rule: 1,
  says: 'every change belongs to a repair that the ledger knows',
  acts: ({ word, service }, { history }) =>
    history.openAt(service).length === 0 ? `${word} of ${service} without a repair` : undefined,
};
