import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import { mask } from '../domain/mask.ts';
import type { JournalStep, Move, Order } from '../domain/repair.ts';
import { type Drain, isMadeByUs, isSeed } from '../domain/scaling.ts';
import type { Replica } from '../domain/service.ts';
import { type Duration, seconds } from '../domain/time.ts';
import { isWell } from '../domain/wellness.ts';
import { DEFAULT_STOP_GRACE } from './carry-out.ts';
import { textIn } from './journal.ts';
import type { Identity } from './scaling-plan.ts';

type Engine = Pick<
  Docker,
  'list' | 'inspect' | 'replicaBlueprint' | 'create' | 'start' | 'stop' | 'remove' | 'exec' | 'kill' | 'untilEnded'
>;

/** 128 and SIGKILL. */
const KILLED = 137;
/** From the end of a container's first process until the engine says so. */
const LAST_BREATH: Duration = seconds(5);

interface Tools {
  readonly docker: Engine;
  readonly clock: Pick<Clock, 'after'>;
}

/** One replica that is to go. */
export interface Leaving {
  readonly replica: Replica;
  /** Those that go at the same time, itself included. */
  readonly together: readonly string[];
  /** How many there shall be afterwards. */
  readonly wanted: number;
  /** It is the last one: what it leaves behind. */
  readonly seed: Identity | undefined;
  readonly drain: Drain | undefined;
}

/**
 * Lets a replica finish what it is at, stops it with its own grace, and removes it with its anonymous volumes. One whose drain
 * fails stays: it may hold work that nobody else has.
 */
export function takeReplica({ docker, clock }: Tools, leaving: Leaving, { stopTimeout }: Order): Move {
  const { replica, seed, drain, wanted } = leaving;
  const { id, name } = replica;
  return {
    container: id,
    takes: (drain?.within ?? 0) + (stopTimeout ?? replica.inspected?.stopGrace ?? DEFAULT_STOP_GRACE),
    apply: async ({ journal, signal, aside }) => {
      if (wanted > 0) await othersMustBeWell(docker, leaving, signal);
      journal('take', { containerId: id, name, wanted, ...(seed === undefined ? {} : { seed: seed.name }) });
      if (seed !== undefined) await leaveSeed(docker, id, seed, signal);
      if (drain !== undefined) {
        journal('drain', {});
        await aside(() => drained({ docker, clock }, replica, drain, signal));
        journal('drained', {});
        // That took a while, and the others may have fallen ill meanwhile.
        if (wanted > 0) await othersMustBeWell(docker, leaving, signal);
      }
      journal('stop', {});
      await docker.stop(id, stopTimeout, signal);
      journal('remove', {});
      await docker.remove(id, signal, { withVolumes: true });
      return { done: `${name} ${drain === undefined ? 'was stopped' : 'was drained, stopped'} and removed` };
    },
  };
}

/** It stays, and runs: also where its drain has ended it. */
export async function giveBack(docker: Engine, steps: readonly JournalStep[], signal: AbortSignal): Promise<string> {
  const { id, name, seed } = taken(steps);
  if ((await docker.inspect(id, signal)) === undefined) return `${name} is removed`;
  if (steps.some(({ step }) => step === 'drained' || step === 'stop')) await docker.start(id, signal);
  const left = seed === undefined ? undefined : await docker.inspect(seed, signal);
  if (left !== undefined && isMadeByUs(left) && isSeed(left))
    await docker.remove(left.id, signal, { withVolumes: true });
  return `${name} stays`;
}

/**
 * Goes on where it had been told to end, unless nothing else of the service is well by now. Where it was only being drained it
 * stays, and is drained again when it is next taken away: waiting for that here would keep all else waiting.
 */
export async function finishTaking(
  docker: Engine,
  steps: readonly JournalStep[],
  signal: AbortSignal,
): Promise<string> {
  const { id, name, wanted } = taken(steps);
  const replica = await docker.inspect(id, signal);
  if (replica === undefined) return `${name} is removed`;
  const wasStopped = steps.some(({ step }) => step === 'stop');
  const needed = wanted > 0 && !(await othersAreWell(docker, replica, [id], signal));
  if (!wasStopped || needed) return await giveBack(docker, steps, signal);
  await docker.stop(id, undefined, signal);
  await docker.remove(id, signal, { withVolumes: true });
  return `${name} is stopped and removed`;
}

function taken(steps: readonly JournalStep[]) {
  const read = (key: string) => textIn(steps, 'take', key);
  const wanted = Number(steps.findLast(({ step }) => step === 'take')?.data.wanted);
  return { id: read('containerId') ?? '', name: read('name') ?? 'it', seed: read('seed'), wanted };
}

async function othersMustBeWell(docker: Engine, { replica, together }: Leaving, signal: AbortSignal): Promise<void> {
  if (!isWell(replica) || (await othersAreWell(docker, replica, together, signal))) return;
  throw new Error(`${replica.name} stays: no other replica is well any more`);
}

/** By a fresh list, because much may have happened since the decision. */
async function othersAreWell(
  docker: Engine,
  { project, service }: Replica,
  leaving: readonly string[],
  signal: AbortSignal,
): Promise<boolean> {
  const listed = await docker.list(project, signal);
  return listed.some(
    other => other.service === service && !other.oneOff && !leaving.includes(other.id) && isWell(other),
  );
}

async function leaveSeed(docker: Engine, id: string, { name, number }: Identity, signal: AbortSignal): Promise<void> {
  await docker.create(await docker.replicaBlueprint(id, { name, number, made: 'seed' }, signal), name, signal);
}

/** What does not run has nothing to finish. Who takes longer than its owner allows is stopped all the same. */
async function drained({ docker, clock }: Tools, replica: Replica, drain: Drain, signal: AbortSignal): Promise<void> {
  if (replica.state !== 'running') return;
  const enough = new AbortController();
  const cancel = clock.after(drain.within, () => enough.abort());
  try {
    await tell({ docker, clock }, replica, drain, AbortSignal.any([signal, enough.signal]));
  } catch (error) {
    if (signal.aborted || !enough.signal.aborted) throw error;
  } finally {
    cancel();
  }
}

/** Tells it, and waits for the end of what that begins. */
async function tell(
  { docker, clock }: Tools,
  { id, name, inspected }: Replica,
  drain: Drain,
  signal: AbortSignal,
): Promise<void> {
  if (drain.kind === 'signal') {
    await docker.kill(id, drain.signal, signal);
    await docker.untilEnded(id, signal);
    return;
  }
  try {
    const { exitCode, said } = await docker.exec(id, drain.argv, signal);
    // A command that makes its container end is killed with it, an instant before the engine knows.
    if (exitCode === KILLED) await endsSoon({ docker, clock }, id, signal);
    if (exitCode !== undefined && exitCode !== 0)
      throw new Error(
        `${name} could not be drained: ${drain.argv[0]} ended with ${exitCode}${said && `: ${mask(said).slice(-200)}`}`,
      );
  } catch (error) {
    const now = await docker.inspect(id, signal);
    if (now?.state === 'running' && now.inspected?.startedAt === inspected?.startedAt) throw error;
  }
}

async function endsSoon({ docker, clock }: Tools, id: string, signal: AbortSignal): Promise<void> {
  const enough = new AbortController();
  const cancel = clock.after(LAST_BREATH, () => enough.abort());
  await docker.untilEnded(id, AbortSignal.any([signal, enough.signal])).catch(() => signal.throwIfAborted());
  cancel();
}
