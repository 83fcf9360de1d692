import type { Docker } from '../adapters/docker/docker.ts';
import type { Journal, JournalStep } from '../domain/repair.ts';
import type { Replica, RestartPolicy } from '../domain/service.ts';
import { asideNameOf } from '../domain/set-aside.ts';
import type { Duration } from '../domain/time.ts';

export type AsideEngine = Pick<Docker, 'inspect' | 'who' | 'rename' | 'setRestartPolicy' | 'stop' | 'start'>;

/** A container that was set aside, with what it takes to put it back. */
export interface Aside {
  readonly id: string;
  readonly name: string;
  readonly asideName: string;
  readonly restartPolicy: RestartPolicy;
  readonly ranBefore: boolean;
}

/** The engine never starts it by itself. */
const NEVER: RestartPolicy = { name: 'no', maximumRetries: 0 };

/**
 * Takes a container out of another one's way and keeps it whole. Renamed before it is stopped: whoever hears of its end knows by
 * then that nobody wants it back.
 */
export async function setAside(
  docker: AsideEngine,
  holder: Replica,
  stopTimeout: Duration | undefined,
  journal: Journal,
  signal: AbortSignal,
): Promise<void> {
  const { id, name, state, inspected } = holder;
  const restartPolicy = inspected?.restartPolicy ?? NEVER;
  const ranBefore = state === 'running' || state === 'restarting' || state === 'paused';
  const aside: Aside = { id, name, asideName: asideNameOf(holder), restartPolicy, ranBefore };
  journal('set-aside', { ...aside });
  await docker.rename(id, aside.asideName, signal);
  if (restartPolicy.name !== 'no') await docker.setRestartPolicy(id, NEVER, signal);
  if (!ranBefore) return;
  journal('stop-holder', {});
  await docker.stop(id, stopTimeout, signal);
}

export const asideIn = (steps: readonly JournalStep[]): readonly Aside[] =>
  steps.flatMap(({ step, data }) => (step === 'set-aside' ? [data as unknown as Aside] : []));

/** As it stood before, wherever that was cut short. @returns what stands now, in words that follow no name */
export async function putBack(docker: AsideEngine, aside: Aside, signal: AbortSignal): Promise<string> {
  const { id, name, asideName, restartPolicy, ranBefore } = aside;
  const holder = await docker.inspect(id, signal);
  if (holder === undefined) return `${name} is gone`;
  const heir = await docker.who(name, signal);
  if (heir !== undefined && heir.id !== id) return `${asideName} stays set aside: somebody else has its name now`;
  if (heir === undefined) await docker.rename(id, name, signal);
  if (restartPolicy.name !== 'no') await docker.setRestartPolicy(id, restartPolicy, signal);
  if (ranBefore) await docker.start(id, signal);
  return `${name} is back`;
}
