import { inWords, minutes } from '../../../watchdog/domain/time.ts';
import { firstOf, type Rule } from '../rule.ts';

/** A repair with its proof is the longest that a finding can be attended to before its decision; the decision comes first. */
const LONG_ENOUGH: number = minutes(15);

/** Rule 6. */
export const everyFindingDecided: Rule = {
  rule: 6,
  says: 'every finding ends in one recorded decision',
  atRest: ({ undecided, clock }) =>
    firstOf(undecided, ([, since]) => {
      const waits = clock.monotonic() - since;
      return waits < LONG_ENOUGH ? undefined : `a finding has no decision after ${inWords(waits)}`;
    }),
};

/** Not in so many words in the list, and below all of it: the watchdog itself is in order. */
export const inGoodOrder: Rule = {
  rule: 6,
  says: 'it goes on watching',
  atRest: ({ lives }) => {
    const trouble = lives.watchdog?.watch.trouble();
    if (lives.watchdog === undefined) return 'there is no watchdog';
    return trouble === undefined ? undefined : `its rounds are in trouble: ${trouble}`;
  },
};
