import { type Docker, EngineError } from '../adapters/docker/docker.ts';
import type { JournalStep, Strategy, Work } from '../domain/repair.ts';
import { nameHeld, type Onlooker, portsHeld } from './in-the-way.ts';
import { textIn } from './journal.ts';
import { isPortTaken, portTaken } from './port-refusal.ts';
import { type AsideEngine, asideIn, putBack, setAside } from './set-aside.ts';

export interface ConflictTools extends Onlooker {
  readonly docker: Onlooker['docker'] & AsideEngine & Pick<Docker, 'restart'>;
}

/**
 * Sets aside what has a port of the host, or a name, that the container needs, and starts the container. Only what is stale
 * (`domain/staleness.ts`) gives up a port, and only what does not run a name, both within the project; nothing is removed, so that
 * what lies in the container or in its anonymous volumes can be had back by its new name. All else is named to people.
 */
export const stopConflictingContainer = (tools: ConflictTools): Strategy => ({
  name: 'stop-conflicting-container',
  danger: 'service',
  summary: 'stops and sets aside a stale container of the project that has the port or the name, then starts this one',
  apply: async work => {
    if (work.order.error?.type === 'CONTAINER_NAME_CONFLICT') await clearName(tools, work);
    else await clearPorts(tools, work);
    return undefined;
  },
  // Who has not used the name after all leaves it to whom it belonged.
  confirm: async (steps, signal) => {
    for (const aside of asideIn(steps)) if (!aside.ranBefore) await putBack(tools.docker, aside, signal);
  },
  undo: (steps, signal) => allBack(tools.docker, steps, signal),
  recover: async (steps, signal, journal) => {
    const [first] = asideIn(steps);
    if (first === undefined) return 'nothing had been done yet';
    const target = await tools.docker.inspect(targetIn(steps), signal);
    if (target?.state === 'running' && target.health !== 'unhealthy')
      return `${target.name} runs; set aside is ${namesOf(steps)}`;
    // The engine goes on stopping for one who died, and would end what is started in the midst of that: so to the end with it.
    if (steps.at(-1)?.step === 'stop-holder') {
      await tools.docker.stop(asideIn(steps).at(-1)?.id ?? first.id, undefined, signal);
      journal('holder-stopped', {});
    }
    return (await allBack(tools.docker, steps, signal)) ?? 'nothing had been done yet';
  },
});

async function clearPorts(tools: ConflictTools, work: Work): Promise<void> {
  const { order, target, signal, journal } = work;
  const { what, ports, holders } = await portsHeld(tools, order, target, signal);
  if (holders.length === 0 && target.state === 'running')
    throw new Error(
      `no other container has a port of the host that ${target.name} asks for; what it cannot listen on is taken in its own network`,
    );
  journal('target', { target: target.id });
  for (const holder of holders) await setAside(tools.docker, holder, order.stopTimeout, journal, signal);
  try {
    await begin(tools, work);
  } catch (error) {
    throw holders.length === 0 ? byNoContainer(error, what, ports) : error;
  }
}

async function clearName(tools: ConflictTools, work: Work): Promise<void> {
  const { order, target, signal, journal } = work;
  const holder = await nameHeld(tools, order, target, signal);
  journal('target', { target: target.id });
  if (holder !== undefined) {
    await setAside(tools.docker, holder, order.stopTimeout, journal, signal);
    const now = await tools.docker.inspect(holder.id, signal);
    if (now?.state === 'running') throw new Error(`${holder.name} was started by somebody else in this very moment`);
  }
  await begin(tools, work);
}

async function begin({ docker }: ConflictTools, { order, target, signal, journal }: Work): Promise<void> {
  journal('start', {});
  // What the engine is about to start again by itself, it takes for started.
  if (target.state === 'running' || target.state === 'restarting')
    await docker.restart(target.id, order.stopTimeout, signal);
  else await docker.start(target.id, signal);
}

/** The engine says that one of them is taken, and no container has it. */
function byNoContainer(error: unknown, what: string, ports: readonly number[]): unknown {
  if (!isPortTaken(error) || portTaken(error, ports) === undefined) return error;
  const because = `${what} of the host is taken, and by no container: a program of the host listens there (ss -ltnp shows which)`;
  return new EngineError(error.code, `${because}; ${error.message}`, error.status, error);
}

/** The target first: it may have what they need. @returns what stands now, in one sentence; undefined where nothing was set aside */
async function allBack(
  docker: ConflictTools['docker'],
  steps: readonly JournalStep[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const holders = asideIn(steps);
  if (holders.length === 0) return undefined;
  if (holders.some(({ ranBefore }) => ranBefore)) {
    const target = await docker.inspect(targetIn(steps), signal);
    if (target?.state === 'running') await docker.stop(target.id, undefined, signal);
  }
  const sentences: string[] = [];
  for (const holder of holders.toReversed()) sentences.push(await putBack(docker, holder, signal));
  return sentences.join('; ');
}

const targetIn = (steps: readonly JournalStep[]): string => textIn(steps, 'target', 'target') ?? '';

const namesOf = (steps: readonly JournalStep[]): string =>
  asideIn(steps)
    .map(({ name }) => name)
    .join(', ');
