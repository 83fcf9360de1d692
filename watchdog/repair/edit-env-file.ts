import { createHash } from 'node:crypto';
import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import { EDIT_ENV_FILE, type EnvChange, envChangeIn, shown } from '../domain/env-change.ts';
import type { JournalStep, Strategy, Work } from '../domain/repair.ts';
import { type Duration, minutes } from '../domain/time.ts';
import { type EnvFileEngine, type EnvFileFound, findEnvFile, helperIn } from './env-file-on-host.ts';
import { OURS } from './file-in-question.ts';
import { must, type Run } from './helper-run.ts';
import { NEW_ONE_RUNS, type ReplacingEngine, replacementOn } from './replacement.ts';

export interface EnvFileNeeds {
  readonly docker: ReplacingEngine & EnvFileEngine & Pick<Docker, 'remove'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** A dozen helpers, on a machine that is in trouble. */
const HELPERS_TAKE: Duration = minutes(5);

/**
 * Gives one variable another value in the file of the host that `env_file` names, and makes the container again with it, so that the file
 * and the container agree: whatever Compose does afterwards, it does by that file. Which variable of which file only a playbook says.
 */
export function editEnvFile({ docker, clock }: EnvFileNeeds): Strategy {
  const { replace, confirm, undo, recover } = replacementOn(docker);
  return {
    name: EDIT_ENV_FILE,
    danger: 'data',
    summary:
      'gives a variable another value in an environment file of the project on the host, keeps the file as it was, and makes the container again with it',
    takes: HELPERS_TAKE,
    foresee: async work => {
      const found = await findEnvFile(docker, work, changeFor(work));
      const { path, line, before } = found;
      const minus = before === undefined ? 'adds' : `-${shown(found.name, before)}`;
      return `line ${line} of ${path}: ${minus} +${shown(found.name, found.value)}; other containers that read the file have it after their next docker compose up`;
    },
    apply: async work => {
      const found = await findEnvFile(docker, work, changeFor(work));
      const edit = editFor(found, clock.now());
      work.journal('edit', { ...edit });
      await write(helperIn(docker, edit, work.signal, true), edit, found.text);
      return replace(work, { variable: { name: found.name, value: found.value } });
    },
    tells: steps => {
      const edit = editIn(steps);
      return edit && `${edit.variable} has another value in ${edit.path}; the file as it was is kept in ${edit.keptIn}`;
    },
    confirm,
    undo: async (steps, signal) => {
      const edit = editIn(steps);
      if (edit === undefined) return undefined;
      const file = await putBack(docker, edit, signal);
      const container = await undo(steps, signal);
      return [file, container].filter(said => said !== undefined).join('; ');
    },
    recover: async (steps, signal, journal) => {
      const edit = editIn(steps);
      if (edit === undefined) return 'nothing had been done yet';
      const said = await recover(steps, signal, journal);
      return said === NEW_ONE_RUNS
        ? `${said}, and ${edit.path} agrees with it`
        : `${await putBack(docker, edit, signal)}; ${said}`;
    },
  };
}

function changeFor({ order }: Pick<Work, 'order'>): EnvChange {
  const change = envChangeIn(order.with);
  if ('found' in change)
    throw new Error(
      `${EDIT_ENV_FILE}: found ${change.found} for ${change.name}, expected ${change.expected}. Correct the playbook.`,
    );
  const others = order.targets.length - 1;
  if (others > 0)
    throw new Error(`${EDIT_ENV_FILE} is for one container, and ${others} others of the service are ill as well`);
  return change;
}

/** What is journaled before the file is touched: where all of it is, and no value. */
interface Edit extends Pick<EnvFileFound, 'helper' | 'path'> {
  readonly variable: string;
  /** As the helper sees it. */
  readonly file: string;
  /** The folder for the file as it was, as the helper sees it, and on the host. */
  readonly aside: string;
  readonly keptIn: string;
  /** SHA-256 of the file before and after. */
  readonly was: string;
  readonly wrote: string;
}

function editFor({ helper, path, file, name, content, text }: EnvFileFound, now: number): Edit {
  const folder = `${OURS}env-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const beside = (of: string) => `${of.slice(0, of.lastIndexOf('/'))}/${folder}`;
  return {
    helper,
    path,
    variable: name,
    file,
    aside: beside(file),
    keptIn: beside(path),
    was: sha256(content),
    wrote: sha256(text),
  };
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const editIn = (steps: readonly JournalStep[]): Edit | undefined =>
  steps.find(({ step }) => step === 'edit')?.data as Edit | undefined;

const keptOf = ({ aside, file }: Edit): string => `${aside}/${file.slice(file.lastIndexOf('/') + 1)}`;

const nextOf = ({ aside }: Edit): string => `${aside}/new`;

/** Beside it first, with its owner and mode; then in its place in one step. */
async function write(run: Run, edit: Edit, text: string): Promise<void> {
  const { file, path, aside, was, wrote } = edit;
  await must(run('mkdir', '-m', '0700', aside), `making a folder beside ${path}`);
  for (const copy of [keptOf(edit), nextOf(edit)]) await must(run('cp', '-p', file, copy), `keeping ${path}`);
  // The words of the script are ours; what is written, and where, are words of their own to it.
  await must(run('sh', '-c', 'printf %s "$1" > "$2"', 'sh', text, nextOf(edit)), `writing beside ${path}`);
  const sums = await sumsOf(run, keptOf(edit), nextOf(edit));
  if (sums[0] !== was || sums[1] !== wrote)
    throw new Error(`${path} was changed by somebody just now, or its copy is not what it should be`);
  await must(run('mv', '-f', nextOf(edit), file), `putting the new ${path} in its place`);
}

/** Of each file; undefined where there is none. */
async function sumsOf(run: Run, ...files: readonly string[]): Promise<readonly (string | undefined)[]> {
  const { said } = await run('sha256sum', ...files);
  const lines = said.split('\n');
  return files.map(file => lines.find(line => line.endsWith(` ${file}`))?.slice(0, 64));
}

/** Only over what we have written ourselves. May be called twice. @returns what stands now */
async function putBack(docker: EnvFileNeeds['docker'], edit: Edit, signal: AbortSignal): Promise<string> {
  const { helper, file, path, aside, keptIn, was, wrote } = edit;
  await docker.remove(helper.name, signal);
  const run = helperIn(docker, edit, signal, true);
  const [now] = await sumsOf(run, file);
  if (now !== was && now !== wrote)
    return `${path} was changed by somebody since and stays; what it was is kept in ${keptIn}`;
  if (now === wrote) await must(run('mv', '-f', keptOf(edit), file), `putting the old ${path} back`);
  // Copies of what stands there.
  await run('rm', '-f', keptOf(edit), nextOf(edit));
  await run('rmdir', aside);
  return `${path} is as it was`;
}
