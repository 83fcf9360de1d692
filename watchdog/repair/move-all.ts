import { must, type Run } from './helper-run.ts';

const ONE_LEVEL = ['-mindepth', '1', '-maxdepth', '1'];

/** What `find` is told, to name all that lies right in a folder, but for names like these. */
export const entriesIn = (folder: string, but: readonly string[]): readonly string[] => [
  'find',
  folder,
  ...ONE_LEVEL,
  ...but.flatMap(name => ['!', '-name', name]),
];

/**
 * Moves everything that lies right in a folder to another one on the same mount, one by one. No shell has a hand in it.
 * @param but patterns of names that stay (`find -name`)
 */
export async function moveAll(run: Run, from: string, to: string, but: readonly string[]): Promise<void> {
  const entries = entriesIn(from, but);
  await must(run(...entries, '-exec', 'mv', '-n', '{}', `${to}/`, ';'), `moving what is in ${from}`);
  // find says nothing of a move that failed, nor does mv of a name that is taken.
  const { said } = await run(...entries);
  if (said.trim() !== '')
    throw new Error(`not all of ${from} could be moved to ${to}: ${said.trim().slice(0, 200)} is left`);
}
