import type { Docker } from '../adapters/docker/docker.ts';
import type { EnvChange } from '../domain/env-change.ts';
import { type EnvEntry, entriesOf, withVariable } from '../domain/env-file.ts';
import type { Work } from '../domain/repair.ts';
import { entriesAt, refuseOddPath, stepsTo } from './entries-at.ts';
import { OURS } from './file-in-question.ts';
import { type HelperFacts, helperOf, must, type Run } from './helper-run.ts';
import { isOfSystem, isWithin } from './mount-in-question.ts';

export type EnvFileEngine = Pick<Docker, 'help' | 'isOnHost' | 'environment'>;

/** Where helpers see the folder of the project. */
const AT = '/watchdog-project';
const FOLDER_LABEL = 'com.docker.compose.project.working_dir';
const FILES_LABEL = 'com.docker.compose.project.config_files';
/** The new content is one word of a command, which Linux takes up to 128 KiB (`MAX_ARG_STRLEN`). */
const MOST_BYTES = 64 * 1_024;

/** Whom the helper helps, and the folder of the host that it has. */
export interface ProjectFolder extends HelperFacts {
  readonly source: string;
}

/** The file as it stands, and as it is to be. */
export interface EnvFileFound extends EnvChange {
  readonly helper: ProjectFolder;
  /** The file as the helper sees it. */
  readonly file: string;
  readonly content: string;
  readonly text: string;
  readonly line: number;
  /** The value that file and container have now; undefined where neither has the variable. */
  readonly before: string | undefined;
}

/** Runs a command in a helper that has the folder of the project, and nothing else of the host. */
export const helperIn =
  (
    docker: Pick<Docker, 'help'>,
    { helper }: Pick<EnvFileFound, 'helper'>,
    signal: AbortSignal,
    writable: boolean,
  ): Run =>
  (...argv) => {
    const { name, patient, target, source } = helper;
    return docker.help({ name, patient, target, source, writable, argv }, signal);
  };

/**
 * Finds the file in the project's folder on the host, and sees that it is an environment file of this very container: that it has every
 * variable of the file, and of the one in question the value that stands there. Changes nothing.
 * @throws Error where it must not be changed; no sentence holds a value
 */
export async function findEnvFile(
  docker: EnvFileEngine,
  { target, signal }: Pick<Work, 'target' | 'signal'>,
  change: EnvChange,
): Promise<EnvFileFound> {
  const { path, name, value } = change;
  const source = folderOf(target.labels, path);
  const helper = { name: helperOf(target.name), patient: target.id, target: AT, source };
  if (!(await docker.isOnHost(source, helper, signal)))
    throw new Error(
      `${source}, the folder of the project, is not on the host of the engine: ${path} is edited by hand`,
    );
  const file = AT + path.slice(source.length);
  const content = await contentOf(helperIn(docker, { helper }, signal, false), file, path);
  const edit = withVariable(content, name, value);
  if ('refused' in edit) throw new Error(`${path}: ${edit.refused}; it is left to people`);
  const { text, line, before } = edit;
  refuseStrangersFile(
    path,
    entriesOf(content),
    await docker.environment(target.id, signal),
    { name, before },
    target.name,
  );
  return { ...change, helper, file, content, text, line, before };
}

/** The project's folder on the host, as its labels tell. @throws Error where the file is not one that may be changed in it */
function folderOf(labels: Readonly<Record<string, string>>, path: string): string {
  const folder = labels[FOLDER_LABEL]?.replace(/(?<=.)\/$/, '');
  if (folder === undefined)
    throw new Error(`nothing tells where the project lies: its containers have no label ${FOLDER_LABEL}`);
  refuseOddPath(path);
  refuseOddPath(folder);
  if (path === folder || !isWithin(path, folder))
    throw new Error(`${path} is not in ${folder}, the folder of the project`);
  if (isOfSystem(folder)) throw new Error(`${folder}: a folder of the host's system is left to people`);
  // The engine would read on behind it as where to mount, and how.
  if (folder.includes(':')) throw new Error(`${folder}: the engine cannot be told of a colon; edit ${path} by hand`);
  if (path.includes(`/${OURS}`)) throw new Error(`${path} was kept aside before`);
  if (labels[FILES_LABEL]?.split(',').includes(path)) throw new Error(`${path} is the Compose file itself`);
  return folder;
}

/** @throws Error where there is no plain file of text at the end of plain folders, or it has another name somewhere */
async function contentOf(run: Run, file: string, path: string): Promise<string> {
  const steps = stepsTo(file, AT);
  const entries = await entriesAt(run, steps);
  for (const step of steps) {
    const kind = entries.get(step)?.kind ?? 'nothing';
    const isRight = step === file ? kind.startsWith('regular') : kind === 'directory';
    if (!isRight) throw new Error(`${path}: found ${kind} on the way, expected a file in folders, without links`);
  }
  const [links, bytes] = (await must(run('stat', '-c', '%h %s', file), `looking at ${path}`))
    .trim()
    .split(' ')
    .map(Number);
  if (links !== 1)
    throw new Error(`${path} has another name somewhere (${links} links), which would keep what it is now`);
  if (bytes === undefined || bytes > MOST_BYTES)
    throw new Error(`${path}: found ${bytes} bytes, expected at most ${MOST_BYTES}`);
  // As it is, byte for byte: what a program says is read as lines else.
  const read = Buffer.from(await must(run('base64', file), `reading ${path}`), 'base64');
  const text = read.toString('utf8');
  if (read.length !== bytes || !Buffer.from(text).equals(read) || text.includes('\0'))
    throw new Error(`${path} is no text in UTF-8, or was written to just now`);
  return text;
}

/** A variable that the container has otherwise comes from elsewhere: changed in the file it would be changed in vain. */
function refuseStrangersFile(
  path: string,
  entries: readonly EnvEntry[] | string,
  environment: ReadonlyMap<string, string>,
  { name, before }: { readonly name: string; readonly before: string | undefined },
  container: string,
): void {
  const known = typeof entries === 'string' ? [] : entries.filter(({ value }) => value !== undefined);
  const missing = known.find(each => !environment.has(each.name));
  if (known.length === 0 || missing !== undefined)
    throw new Error(
      `${path} is no environment file of ${container}: ${missing === undefined ? 'nothing stands in it' : `it has ${missing.name}, and the container has not`}`,
    );
  if (environment.get(name) !== before)
    throw new Error(
      `${container} does not have the ${name} of ${path}: it comes from elsewhere (environment:), or docker compose up is due`,
    );
}
