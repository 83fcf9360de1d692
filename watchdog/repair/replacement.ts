import type { BlueprintChange } from '../adapters/docker/blueprint-change.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import type { Journal, JournalStep, Strategy, Work } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';
import { textIn } from './journal.ts';

/** What a replacement asks of the engine. */
export type ReplacingEngine = Pick<Docker, 'blueprint' | 'create' | 'inspect' | 'start' | 'stop' | 'rename' | 'remove'>;

/**
 * Makes a container again beside the old one and puts it in the old one's place. Until it is confirmed the old container
 * stays, stopped and under another name, so that there is always a way back. The old one is stopped before the new one
 * starts: they may want the same ports and addresses, and two of them must never both run.
 *
 * What is journaled says where the containers are, not what they are made of: a blueprint holds the service's secrets, and
 * the old container itself remains as its record until nobody needs one.
 */
export interface Replacement {
  /**
   * @param otherwise how to make it instead, where the one that was made cannot be started; throws where there is no other way
   * @returns the new container's id, once it has been started.
   */
  replace(
    work: Work,
    change?: BlueprintChange,
    otherwise?: (refusal: unknown) => Promise<BlueprintChange>,
  ): Promise<string>;
  readonly confirm: NonNullable<Strategy['confirm']>;
  readonly undo: NonNullable<Strategy['undo']>;
  readonly recover: NonNullable<Strategy['recover']>;
}

/** What `recover` says where it has kept the new container. */
export const NEW_ONE_RUNS = 'the new container runs; the old one is removed';

export const replacementOn = (docker: ReplacingEngine): Replacement => ({
  replace: (work, change, otherwise = noOtherWay) => replace(docker, work, change, otherwise),
  confirm: async (steps, signal) => {
    const plan = planFrom(steps);
    if (plan !== undefined) await keepNew(docker, plan, signal);
  },
  undo: async (steps, signal) => {
    const plan = planFrom(steps);
    return plan && (await keepOld(docker, plan, signal));
  },
  recover: (steps, signal, journal) => recover(docker, steps, signal, journal),
});

const noOtherWay = async (refusal: unknown): Promise<never> => {
  throw refusal;
};

async function replace(
  docker: ReplacingEngine,
  work: Work,
  change: BlueprintChange | undefined,
  otherwise: (refusal: unknown) => Promise<BlueprintChange>,
): Promise<string> {
  const plan = planFor(work.target);
  for (let next = change; ; ) {
    const newId = await putInPlace(docker, plan, work, next);
    work.journal('start-new', {});
    try {
      await docker.start(newId, work.signal);
      return newId;
    } catch (refusal) {
      next = await otherwise(refusal);
      // Whoever ran before is started on the way back from all of it, not between two tries.
      await keepOld(docker, { ...plan, newId, ranBefore: false }, work.signal);
    }
  }
}

async function putInPlace(
  docker: ReplacingEngine,
  plan: Plan,
  { order, signal, journal }: Work,
  change: BlueprintChange | undefined,
): Promise<string> {
  const blueprint = await docker.blueprint(plan.oldId, signal, change);
  journal('create', { ...plan });
  const newId = await docker.create(blueprint, plan.newName, signal);
  journal('stop-old', { newId });
  await docker.stop(plan.oldId, order.stopTimeout, signal);
  journal('swap-names', {});
  await docker.rename(plan.oldId, plan.retiredName, signal);
  await docker.rename(newId, plan.name, signal);
  return newId;
}

/** Which containers a replacement is about. */
interface Plan {
  readonly oldId: string;
  /** The service's own name for the container. */
  readonly name: string;
  /** The new container's until it takes over, and how it is found where its id was not journaled any more. Ours alone: Compose's own way is `ID_NAME`. */
  readonly newName: string;
  /** The old container's after that. */
  readonly retiredName: string;
  /** Old containers that did not run are not started on the way back. */
  readonly ranBefore: boolean;
}

function planFor({ id, name, state }: Replica): Plan {
  const shortId = id.slice(0, 12);
  return {
    oldId: id,
    name,
    newName: `${name}_replacing_${shortId}`,
    retiredName: `${name}_replaced_${shortId}`,
    ranBefore: state === 'running' || state === 'restarting' || state === 'paused',
  };
}

/** Undefined when no step was taken yet. */
function planFrom(steps: readonly JournalStep[]): (Plan & { readonly newId: string | undefined }) | undefined {
  const [first] = lastTry(steps);
  if (first === undefined) return undefined;
  return { ...(first.data as unknown as Plan), newId: textIn(lastTry(steps), 'stop-old', 'newId') };
}

/** What was made in the tries before is gone. */
function lastTry(steps: readonly JournalStep[]): readonly JournalStep[] {
  const from = steps.findLastIndex(({ step }) => step === 'create');
  return from < 0 ? [] : steps.slice(from);
}

type Found = NonNullable<ReturnType<typeof planFrom>>;

async function keepNew(docker: ReplacingEngine, { oldId }: Found, signal: AbortSignal): Promise<void> {
  await docker.remove(oldId, signal);
}

/** Looks before each step, so that it can be cut short anywhere and called again. @returns what stands now, in words */
async function keepOld(docker: ReplacingEngine, plan: Found, signal: AbortSignal): Promise<string> {
  const old = await docker.inspect(plan.oldId, signal);
  const made = await docker.inspect(plan.newId ?? plan.newName, signal);
  const kept = old ?? made;
  if (kept === undefined) return 'both the old container and the new one are gone';
  if (old !== undefined && made !== undefined) {
    // Not killed at once: it may have begun to write.
    await docker.stop(made.id, undefined, signal);
    await docker.remove(made.id, signal);
  }
  if (kept.name !== plan.name) await docker.rename(kept.id, plan.name, signal);
  if (plan.ranBefore) await docker.start(kept.id, signal);
  return old === undefined ? 'the old container is gone; the new one has its place' : 'the old container is back';
}

async function recover(
  docker: ReplacingEngine,
  steps: readonly JournalStep[],
  signal: AbortSignal,
  journal: Journal,
): Promise<string> {
  const plan = planFrom(steps);
  if (plan === undefined) return 'nothing had been done yet';
  const wasStarted = lastTry(steps).some(({ step }) => step === 'start-new');
  const made = wasStarted && plan.newId !== undefined ? await docker.inspect(plan.newId, signal) : undefined;
  if (made === undefined || !runs(made)) {
    if (mayBeStopping(steps) && (await docker.inspect(plan.oldId, signal)) !== undefined) {
      await docker.stop(plan.oldId, undefined, signal);
      journal('start-old', {});
    }
    return keepOld(docker, plan, signal);
  }
  await keepNew(docker, plan, signal);
  return NEW_ONE_RUNS;
}

/** The engine goes on stopping for one who died, and would end what is started in the midst of that: so to the end with it. */
const mayBeStopping = (steps: readonly JournalStep[]): boolean => steps.at(-1)?.step === 'stop-old';

/** Still `starting` is good enough: should it fall ill, the watch goes on. */
const runs = ({ state, health }: Replica): boolean => state === 'running' && health !== 'unhealthy';
