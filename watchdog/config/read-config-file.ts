import { type FileContent, fileSchema } from './file-schema.ts';
import { quote } from './problem.ts';
import { codeOf, type Env, type ReadFile } from './read-env.ts';
import { type Path, readYaml } from './read-yaml.ts';
import type { Problem } from './settings.ts';

/** Read when `WATCHDOG_CONFIG` is not set, if it is there. */
export const DEFAULT_CONFIG_FILE = '/etc/watchdog/watchdog.yml';

export interface ConfigFile {
  /** Undefined when there is none. */
  readonly path: string | undefined;
  /** Empty when there is no file, or when it has problems. */
  readonly content: FileContent;
  readonly problems: readonly Problem[];
  /** `watchdog.yml:12`. */
  placeOf(path: Path): string;
}

/** @param asked what `WATCHDOG_CONFIG` says; that file has to be there */
export function readConfigFile(asked: string | undefined, env: Env, readFile: ReadFile): ConfigFile {
  const path = asked ?? DEFAULT_CONFIG_FILE;
  const nothing = { content: {}, placeOf: () => path };
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    if (asked === undefined && codeOf(error) === 'ENOENT') return { ...nothing, path: undefined, problems: [] };
    return { ...nothing, path, problems: [unreadable(path, asked, codeOf(error))] };
  }
  const { value, problems, placeOf } = readYaml(path, text, fileSchema, env);
  return { path, content: value ?? {}, problems, placeOf };
}

function unreadable(path: string, asked: string | undefined, code: string): Problem {
  return {
    place: asked === undefined ? path : 'env WATCHDOG_CONFIG',
    found: `${quote(path)}, which cannot be read (${code})`,
    expected: 'a YAML file that the watchdog can read',
    remedy:
      code === 'EISDIR'
        ? 'The file to be mounted was missing, so Docker made a folder of that name: remove it and mount the file.'
        : 'Check the path inside the container, the mount, and the owner and mode of the file.',
  };
}
