import type { Rule } from './rule.ts';
import { nothingHalfDone } from './rules/after-crashes.ts';
import { endedAlertsAreOver, erringIsPeoples, takenAlertsAreKept } from './rules/alerts.ts';
import { answeredOnce, nothingWithoutAYes, yesLeadsToSomething } from './rules/consent.ts';
import { byOrderOnly, handsOff, respectedStops } from './rules/hands-off.ts';
import { attemptCap, backoff, cooldown, fewInParallel, oneAtATime, stormBudget } from './rules/limits.ts';
import { nothingDestroyed } from './rules/no-loss.ts';
import { everyFindingDecided, inGoodOrder } from './rules/on-record.ts';
import { escalatedOnce, healed, lowestFirst } from './rules/outcome.ts';
import { lastOneStays, withinLimits } from './rules/sizes.ts';

/** The rules of DESIGN section 4, in its order. */
export const rules: readonly Rule[] = [
  handsOff,
  respectedStops,
  byOrderOnly,
  attemptCap,
  stormBudget,
  oneAtATime,
  fewInParallel,
  cooldown,
  backoff,
  nothingHalfDone,
  everyFindingDecided,
  inGoodOrder,
  takenAlertsAreKept,
  healed,
  escalatedOnce,
  erringIsPeoples,
  yesLeadsToSomething,
  lowestFirst,
  endedAlertsAreOver,
  withinLimits,
  lastOneStays,
  nothingDestroyed,
  nothingWithoutAYes,
  answeredOnce,
];
