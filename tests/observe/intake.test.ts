import { expect, test } from '@jest/globals';
import { Notices } from '../../watchdog/adapters/notices.ts';
import { type IntakeTools, takeIn } from '../../watchdog/observe/intake.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { anEvent } from './an-event.ts';

/** What a stream of events tells; only the project `shop` is watched. */
function intake(): { tools: IntakeTools; oomKills: string[] } {
  const oomKills: string[] = [];
  const nothing = () => undefined;
  const tools: IntakeTools = {
    stack: new StackKeeper(() => []),
    notices: new Notices(),
    inScope: project => project === 'shop',
    isOurs: () => false,
    slots: { waiting: nothing, working: nothing },
    stops: { rememberStop: nothing, forgetStop: nothing },
    onOom: ({ project, service }) => oomKills.push(`${project}/${service}`),
    emit: nothing,
    clock: new FakeClock(0),
  };
  return { tools, oomKills };
}

test('every out-of-memory kill is told of, also where the engine starts the container again at once', () => {
  const { tools, oomKills } = intake();

  for (const action of ['oom', 'die', 'start', 'oom'] as const) takeIn(anEvent(action), tools);

  expect(oomKills).toEqual(['shop/web', 'shop/web']);
});

test('those of projects that are not watched are not', () => {
  const { tools, oomKills } = intake();

  takeIn({ ...anEvent('oom'), project: 'other' }, tools);

  expect(oomKills).toEqual([]);
});
