import { YES_HOLDS } from '../../../watchdog/domain/approval.ts';
import { type Duration, minutes } from '../../../watchdog/domain/time.ts';
import type { Question } from '../consent.ts';
import { firstOf, type Rule, type World } from '../rule.ts';

/** By what the strategies say of themselves; by name, because what the watchdog takes for dangerous is not asked. */
const DANGEROUS: ReadonlySet<string> = new Set(['mend-files', 'restore-backup', 'cleanup']);

/** Rule 10, of what touches data. Nobody here asks for it by hand and says yes in the same breath. */
export const nothingWithoutAYes: Rule = {
  rule: 10,
  says: 'nothing that needs a yes is done without one, and once for each',
  begins: ({ order }, { consent }) =>
    DANGEROUS.has(order.strategy) && consent.yesTo(order) === undefined
      ? `${order.strategy} of ${order.service} begins, and no yes stands for it`
      : undefined,
};

/** Rule 10, of the answers. */
export const answeredOnce: Rule = {
  rule: 10,
  says: 'a question is answered once, while it waits and its incident is open',
  answers: ({ question, answer, accepted, over }) => {
    if (!accepted) return undefined;
    const { id, what } = question.approval;
    if (question.taken !== undefined)
      return `question ${id} (${what}) was ${question.taken}, and ${answer} counts as well`;
    return over ? `question ${id} (${what}) is about an incident that is over, and ${answer} counts` : undefined;
  },
};

/** Until a yes is good for nothing any more, and a while for asking anew. */
const ANSWERED_BY: Duration = YES_HOLDS + minutes(30);

/** Rule 7, of those who said yes. */
export const yesLeadsToSomething: Rule = {
  rule: 7,
  says: 'a yes leads to a repair, or is asked anew',
  atRest: world => {
    const newest = new Map<string, Question>();
    for (const question of world.consent.questions) newest.set(question.approval.service, question);
    return firstOf(newest.values(), question => forgotten(question, world));
  },
};

function forgotten(question: Question, { engine, people, consent, clock }: World): string | undefined {
  const { id, service, what, incidentId } = question.approval;
  const isOpen = question.taken === 'granted' && !question.used && !consent.isOver(question);
  const ill = engine.containersOf(service).filter(one => one.runs && one.health === 'unhealthy');
  const isAbout = ({ containers }: Question) =>
    containers.size === ill.length && ill.every(one => containers.has(one.id));
  // Another deed was asked about by itself, however that was answered: a yes to several containers is none to one of them.
  const askedOfThem = [...consent.questions].some(
    other => other !== question && other.approval.incidentId === incidentId && isAbout(other),
  );
  const isStill = ill.some(one => question.containers.has(one.id)) && (isAbout(question) || !askedOfThem);
  const waits = clock.monotonic() - question.takenAt;
  if (!isOpen || !isStill || people.isPaused(service) || waits < ANSWERED_BY) return undefined;
  return `somebody said yes to question ${id} (${what}), and nothing came of it`;
}
