import type { Docker, Helped, Helper } from '../adapters/docker/docker.ts';

/** Runs a command on the mount of a container, in a helper of that name. */
export type Run = (...argv: readonly string[]) => Promise<Helped>;

/** Whom a helper helps, and where. All of it is journaled before the first one is made. */
export interface HelperFacts extends Pick<Helper, 'name' | 'patient'> {
  readonly target: string;
}

/** What the helper of a container is called: one at a time, and the one that takes up after a crash knows it. */
export const helperOf = (container: string): string => `${container}-watchdog-helper`;

export const running =
  (docker: Pick<Docker, 'help'>, { name, patient, target }: HelperFacts, signal: AbortSignal): Run =>
  (...argv) =>
    docker.help({ name, patient, target, writable: true, argv }, signal);

/** The same, on a mount that nothing can be changed on. */
export const reading =
  (docker: Pick<Docker, 'help'>, { name, patient, target }: HelperFacts, signal: AbortSignal): Run =>
  (...argv) =>
    docker.help({ name, patient, target, writable: false, argv }, signal);

export const isThere = async (run: Run, path: string): Promise<boolean> =>
  (await run('test', '-e', path)).exitCode === 0;

/** @returns what it said. @throws Error when it ended with anything but 0 */
export async function must(deed: Promise<Helped>, what: string): Promise<string> {
  const { exitCode, said } = await deed;
  if (exitCode !== 0) throw new Error(`${what} failed with ${exitCode}: ${said.trim().slice(-200)}`);
  return said;
}
