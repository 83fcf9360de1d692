import { type Duration, minutes, seconds } from '../../watchdog/domain/time.ts';
import type { FakeContainer } from '../fakes/fake-container.ts';
import type { SimulatedAlertmanager } from './alertmanager.ts';
import { bringUp, deploy, scaleByHand, startAgain, stop } from './by-hand.ts';
import type { People } from './people.ts';
import type { Happening } from './plan.ts';
import type { World } from './rule.ts';
import { PROJECT } from './simulated-engine.ts';

/** What a happening needs of the simulation. */
export interface Stage extends Omit<World, 'people'> {
  readonly people: People;
  readonly alertmanager: SimulatedAlertmanager;
  /** Does this when so much time has passed. */
  readonly later: (wait: Duration, act: () => void | Promise<void>) => void;
  readonly clock: World['clock'] & { jump(by: Duration): void };
}

type Of<Kind extends Happening['kind']> = Happening & { readonly kind: Kind };
type Happens = { readonly [Kind in Happening['kind']]: (what: Of<Kind>, stage: Stage) => void | Promise<void> };

/** The watchdog's first look, and what it does about what it missed. */
const CATCHES_UP: Duration = minutes(5);

/** Lets it happen. What finds nobody to happen to does not happen. */
export const happen = (what: Happening, stage: Stage): void | Promise<void> =>
  (HAPPENS[what.kind] as (what: Happening, stage: Stage) => void | Promise<void>)(what, stage);

const HAPPENS: Happens = {
  crash: ({ exitCode, cure, lasts, ...of }, stage) =>
    at(of, stage, container => {
      const trouble = stage.engine.afflict(container, 'falls', cure);
      stage.later(lasts, () => stage.engine.mend(container, trouble));
      if (container.runs) stage.engine.crash(container.id, exitCode);
    }),
  ill: ({ cure, lasts, ...of }, stage) =>
    at(of, stage, container => {
      const trouble = stage.engine.afflict(container, 'ill', cure);
      stage.later(lasts, () => stage.engine.mend(container, trouble));
    }),
  errs: ({ cure, lasts, ...of }, stage) =>
    at(of, stage, container => {
      const trouble = stage.engine.afflict(container, 'errs', cure);
      stage.later(lasts, () => stage.engine.mend(container, trouble));
    }),
  'out-of-memory': (of, stage) =>
    at(of, stage, container => {
      if (container.runs) stage.engine.outOfMemory(container.id);
    }),
  leak: (of, stage) =>
    at(of, stage, container => {
      if (container.runs) stage.engine.leak(container);
    }),
  stop: ({ lasts, ...of }, stage) =>
    at(of, stage, ({ id }) => {
      stop(id, stage);
      stage.later(lasts, () => startAgain(id, stage));
    }),
  'stop-all': ({ lasts }, stage) => {
    const ours = stage.engine.containers.filter(one => one.making.project === PROJECT && !isItself(one, stage));
    for (const { id } of ours) stop(id, stage);
    stage.later(lasts, () => {
      for (const { id } of ours) startAgain(id, stage);
    });
  },
  load: ({ service, level, lasts }, { engine, later }) => {
    engine.burden(service, level);
    later(lasts, () => engine.relieve(service, level));
  },
  scale: ({ service, to }, stage) => scaleByHand(service, to, stage),
  'queues-away': ({ lasts }, { lives, later }) => {
    lives.queuesFail = true;
    later(lasts, () => {
      lives.queuesFail = false;
    });
  },
  restart: (of, stage) =>
    at(of, stage, ({ id, runs }) => {
      if (runs) stage.engine.restartByHand(id);
    }),
  remove: ({ lasts, ...of }, stage) =>
    at(of, stage, ({ id }) => {
      stage.people.changed(of.service, stage.clock.monotonic() + lasts);
      stage.engine.removeByHand(id);
      stage.later(lasts, () => {
        const plan = stage.plan.services.find(({ service }) => service === of.service);
        if (plan !== undefined && stage.engine.named(of.service, of.number) === undefined)
          bringUp(stage.engine.create(plan, of.number), stage);
      });
    }),
  freeze: ({ lasts, ...of }, stage) =>
    at(of, stage, ({ id, runs }) => {
      if (!runs) return;
      stage.engine.pause(id);
      stage.people.frozen(id, stage.clock.monotonic());
      stage.later(lasts, () => {
        if (stage.engine.container(id)?.state === 'paused') stage.engine.unpause(id);
      });
    }),
  deploy: ({ service, lasts }, stage) => deploy(service, lasts, stage),
  pause: ({ service, lasts }, stage) => {
    const { lives, clock, people } = stage;
    if (lives.ledgerFails) return;
    const target = { project: service === undefined ? '*' : PROJECT, service };
    lives.ledger.pause(target, undefined, 'maintenance', clock.now());
    people.pauses(service);
    stage.later(lasts, () => {
      lives.ledger.resume(target, clock.now());
      stage.history.forgive(service);
      people.resumes(service);
      lives.watchdog?.lookAgain(target);
    });
  },
  ask: ({ service }, { lives }) => {
    lives.ask({ project: PROJECT, service }, { reason: 'somebody wants it' }, seconds(10));
  },
  answers: ({ manner, after }, { consent }) => consent.answers(manner, after),
  deliveries: ({ fare, share, lasts }, { weather }) => weather.deliveries(fare, share, lasts),
  'alertmanager-away': ({ forgets, lasts }, { alertmanager, later }) => {
    alertmanager.goAway(forgets);
    later(lasts, () => alertmanager.comeBack());
  },
  events: ({ fare, share, lasts }, { weather }) => weather.events(fare, share, lasts),
  calls: ({ fare, share, lasts }, { weather }) => weather.calls(fare, share, lasts),
  cut: (_, { engine, weather }) => {
    weather.disturbed(CATCHES_UP);
    engine.events.cut();
  },
  deaf: ({ lasts }, { engine, weather, later }) => {
    weather.disturbed(lasts + CATCHES_UP);
    engine.events.deafen();
    later(lasts, () => engine.events.cut());
  },
  'engine-away': ({ containers, lasts }, stage) => {
    if (stage.engine.isAway) return;
    stage.weather.disturbed(lasts + CATCHES_UP);
    if (containers === 'end') stage.engine.halt();
    else stage.engine.lose();
    stage.later(lasts, () => RETURNS[containers](stage));
  },
  kill: ({ steps, phase, lasts }, stage) =>
    stage.lives.dieIn(steps, phase, () => stage.later(lasts, () => startWatchdog(stage))),
  terminate: ({ lasts }, stage) => {
    stage.lives.terminate();
    stage.later(Math.max(lasts, seconds(15)), () => startWatchdog(stage));
  },
  'ledger-fails': ({ lasts }, { lives, weather, later }) => {
    lives.ledgerFails = true;
    weather.disturbed(lasts + CATCHES_UP);
    later(lasts, () => {
      lives.ledgerFails = false;
    });
  },
  clock: ({ by }, { clock, weather }) => {
    weather.disturbed(Math.max(0, -by) + CATCHES_UP);
    clock.jump(by);
  },
  storm: ({ cure }, { engine, plan }) => {
    for (const container of engine.containers) {
      if (!container.runs || plan.services.find(one => one.service === container.making.service)?.needs.length !== 0)
        continue;
      engine.afflict(container, 'falls', cure);
      engine.crash(container.id, 1);
    }
  },
};

const RETURNS = {
  'go on': ({ engine }) => engine.back(),
  end: ({ engine }) => engine.reboot(),
  'outlive it': ({ engine }) => engine.succeed(),
} as const satisfies Readonly<Record<string, (stage: Stage) => void>>;

function at(
  { service, number }: { readonly service: string; readonly number: number },
  { engine }: Stage,
  act: (container: FakeContainer) => void,
): void {
  const container = engine.named(service, number);
  if (container !== undefined) act(container);
}

const isItself = (container: FakeContainer, { engine }: Stage): boolean =>
  engine.planOf(container).standing === 'the watchdog itself';

async function startWatchdog({ lives, weather }: Stage): Promise<void> {
  weather.disturbed(CATCHES_UP);
  await lives.start();
}
