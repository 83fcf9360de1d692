import { type Duration, minutes } from '../../../watchdog/domain/time.ts';
import { firstOf, type Rule, type World } from '../rule.ts';

/** Rule 5: what was half done is finished or undone. */
export const nothingHalfDone: Rule = {
  rule: 5,
  says: 'whatever a crash left half done is finished or undone, and each container is there exactly once',
  hears: (_, { engine, plan }) =>
    firstOf(plan.services, ({ service }) => {
      const running = engine.containersOf(service).filter(({ runs }) => runs);
      const numbers = new Set(running.map(({ making }) => making.number));
      return numbers.size < running.length ? `${running.map(({ name }) => name).join(' and ')} both run` : undefined;
    }),
  atRest: world => unfinished(world) ?? firstOf(world.plan.services, plan => miscounted(plan, world)),
};

/** One that has just been begun need not have ended. */
const JUST_BEGUN: Duration = minutes(15);

function unfinished({ lives, clock }: World): string | undefined {
  const first = lives.ledger.unfinishedRepairs().find(({ startedAt }) => startedAt < clock.now() - JUST_BEGUN);
  return first && `the ${first.order.strategy} of ${first.service} was never finished nor undone`;
}

function miscounted({ service, replicas }: World['plan']['services'][number], { engine }: World): string | undefined {
  const project = engine.containersOf(service)[0]?.making.project;
  const wanted = Array.from({ length: replicas }, (_, index) => `${project}-${service}-${index + 1}`).join(' ');
  const there = engine
    .containersOf(service)
    .map(({ name }) => name)
    .sort()
    .join(' ');
  return there === wanted ? undefined : `there is ${there || `nothing of ${service}`} instead of ${wanted}`;
}
