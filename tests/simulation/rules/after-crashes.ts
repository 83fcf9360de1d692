import { type Duration, minutes } from '../../../watchdog/domain/time.ts';
import type { FakeContainer } from '../../fakes/fake-container.ts';
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

function miscounted(
  { service, replicas, scaled }: World['plan']['services'][number],
  { engine }: World,
): string | undefined {
  // How many there are to be is a rule of its own.
  if (scaled !== undefined) return firstOf(engine.containersOf(service), misnamed);
  const project = engine.containersOf(service)[0]?.making.project;
  const wanted = Array.from({ length: replicas }, (_, index) => `${project}-${service}-${index + 1}`).join(' ');
  const there = engine
    .containersOf(service)
    .map(({ name }) => name)
    .sort()
    .join(' ');
  return there === wanted ? undefined : `there is ${there || `nothing of ${service}`} instead of ${wanted}`;
}

const misnamed = ({ name, making: { project, service, number } }: FakeContainer): string | undefined =>
  name === `${project}-${service}-${number}` ? undefined : `number ${number} of ${service} is called ${name}`;
