import { dangerOf, deedInWords, needsYes, questionInWords, standingOf } from '../../domain/approval.ts';
import type { Case, Gate, Objection } from '../../domain/decision.ts';
import type { Order } from '../../domain/repair.ts';
import { inWords } from '../../domain/time.ts';
import { questionAbout } from '../question-about.ts';

/** What touches data or the host needs a person's yes: beforehand in the configuration, or to this very order, once. */
export const approval: Gate = {
  code: 'approval',
  evenWhenAsked: true,
  objection: (facts, order) => {
    if (order === undefined) return undefined;
    const { dangers, summaries, consent, asked } = facts;
    const danger = dangerOf(order, dangers);
    if (!needsYes(danger) || consent.beforehand.includes(order.strategy)) return undefined;
    const what = deedInWords(order, summaries[order.strategy] ?? '', danger);
    return asked === undefined ? answerTo(what, facts, order) : wish(what, facts, order);
  },
};

/** Whoever asks for it has to say that it is meant: asking is not yet the yes. */
function wish(what: string, { asked }: Case, order: Order): Objection | undefined {
  if (asked?.approved) return undefined;
  const because = `${what}; to say yes with the wish: watchdog repair ${order.service} --strategy ${order.strategy} --approve`;
  return { code: 'approval', because, until: undefined, tell: false };
}

function answerTo(what: string, { consent, foreseen, now }: Case, order: Order): Objection | undefined {
  const asked = questionAbout(order, consent);
  switch (asked && standingOf(asked, now)) {
    case 'granted':
      return undefined;
    case 'waiting':
      return { code: 'approval', because: questionInWords(asked as never), until: asked?.expiresAt, tell: true };
    case 'refused':
      return people(`somebody said no to ${what}`);
    case 'expired':
      return people(`nobody said yes within ${inWords(consent.wait)} to ${what}`);
    default: {
      const until = now + consent.wait;
      const asks = foreseen === undefined ? what : `${what}; as it stands: ${foreseen}`;
      return { code: 'approval', because: `a person has to say yes to ${asks}`, until, tell: true, asks };
    }
  }
}

const people = (because: string): Objection => ({
  code: 'approval',
  because: `${because}; after watchdog resume it is asked anew`,
  until: undefined,
  tell: true,
});
