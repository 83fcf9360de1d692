import { isThere, must, type Run } from './helper-run.ts';

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

/** Moves a file into a folder made for it. @param aside where it is to lie: in a folder that is not there yet */
export async function fileAside(run: Run, file: string, aside: string): Promise<void> {
  await must(run('mkdir', '-p', '-m', '0700', aside.slice(0, aside.lastIndexOf('/'))), 'making a folder for the file');
  await must(run('mv', '-n', file, aside), `moving ${file}`);
}

/** Takes that back, also a second time. One that was written at the old place since is kept beside the old one. */
export async function fileBack(run: Run, file: string, aside: string): Promise<void> {
  if (!(await isThere(run, aside))) return;
  if (await isThere(run, file)) await must(run('mv', '-n', file, `${aside}.since`), 'moving the new file aside');
  await must(run('mv', '-n', aside, file), `putting ${file} back`);
}
