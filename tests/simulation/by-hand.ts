import { type Duration, seconds } from '../../watchdog/domain/time.ts';
import type { Stage } from './happen.ts';
import type { ServicePlan } from './plan.ts';
import { PROJECT } from './simulated-engine.ts';

// What people do with containers, by Docker and by Compose.

/** From the removal of the old container to the start of the new one, which only gets its name meanwhile. */
const STARTED_WITHIN: Duration = 200;

/** An `up` that only changes how many there are. */
const SCALED_WITHIN: Duration = seconds(5);

export function stop(id: string, { engine, people, clock }: Stage): void {
  const container = engine.container(id);
  if (container === undefined || container.state === 'exited' || container.state === 'created') return;
  engine.stopByHand(id);
  people.stopped(id, clock.monotonic());
}

export function startAgain(id: string, { engine }: Stage): void {
  if (engine.container(id)?.state === 'exited') bringUp(id, { engine });
}

/** As the engine would answer; that a parent does not run is not for the people here to put right. */
export function bringUp(id: string, { engine }: Pick<Stage, 'engine'>): void {
  const parent = engine.container(id)?.making.networkParent;
  if (parent === undefined || engine.container(parent)?.hasNamespaces === true) engine.startByHand(id);
}

/** As `docker compose up` puts a new container in the place of each old one: make, stop, remove, rename, start. */
export function deploy(service: string, lasts: Duration, stage: Stage): void {
  const { engine, people, later } = stage;
  const plan = stage.plan.services.find(one => one.service === service);
  if (plan === undefined || people.deploys(service)) return;
  const over = people.deploy(service);
  people.changed(service, stage.clock.monotonic() + lasts);
  const numbers = numbersFor(plan, plan.replicas, stage);
  removeAllBut(numbers, service, stage);
  const step = lasts / (4 * numbers.length);
  for (const [turn, number] of numbers.entries()) {
    let made = '';
    later((4 * turn + 0.5) * step, () => {
      made = engine.create(plan, number, `new_${PROJECT}-${service}-${number}`);
    });
    later((4 * turn + 1) * step, () => {
      const old = engine.containersOf(service).filter(one => one.making.number === number && one.id !== made);
      for (const { id } of old) stop(id, stage);
      for (const { id } of old) engine.removeByHand(id);
    });
    later((4 * turn + 1) * step + STARTED_WITHIN, () => {
      if (engine.container(made) === undefined) return;
      engine.renameByHand(made, `${engine.container(made)?.making.project}-${service}-${number}`);
      bringUp(made, stage);
    });
  }
  later(lasts, over);
}

/** `docker compose up --scale`: the highest numbers go, new ones come above all that there are, and what does not run is started. */
export function scaleByHand(service: string, to: number, stage: Stage): void {
  const { engine, people, later } = stage;
  const plan = stage.plan.services.find(one => one.service === service);
  if (plan === undefined || people.deploys(service)) return;
  const numbers = numbersFor(plan, to, stage);
  removeAllBut(numbers, service, stage);
  for (const number of numbers) {
    const there = engine.named(service, number);
    if (there === undefined) bringUp(engine.create(plan, number), stage);
    else if (there.state === 'created' || there.state === 'exited') bringUp(there.id, stage);
  }
  people.changed(service, stage.clock.monotonic());
  later(SCALED_WITHIN, people.deploy(service));
}

/** So many of those that there are, lowest first, and as many more as that takes. */
function numbersFor({ service, scaled, replicas }: ServicePlan, count: number, { engine }: Stage): readonly number[] {
  if (scaled === undefined) return Array.from({ length: replicas }, (_, index) => index + 1);
  const there = [...new Set(engine.containersOf(service).map(({ making }) => making.number))].sort((a, b) => a - b);
  const highest = there.at(-1) ?? 0;
  const more = Array.from({ length: Math.max(0, count - there.length) }, (_, index) => highest + 1 + index);
  return [...there.slice(0, count), ...more];
}

function removeAllBut(numbers: readonly number[], service: string, stage: Stage): void {
  const surplus = stage.engine.containersOf(service).filter(({ making }) => !numbers.includes(making.number));
  for (const { id } of surplus) stop(id, stage);
  for (const { id } of surplus) stage.engine.removeByHand(id);
}
