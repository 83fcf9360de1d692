import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LogPattern, PatternFault } from '../domain/log-error.ts';
import { logPatternsSchema } from './log-pattern-schema.ts';
import { codeOf } from './read-env.ts';
import { readYaml, type YamlReading } from './read-yaml.ts';
import type { Problem } from './settings.ts';

/** The built-in patterns lie beside the program. */
export const BUILT_IN_LOG_PATTERNS = join(import.meta.dirname, '..', '..', 'rules', 'log-patterns');

/** The patterns in force. */
export interface LogPatterns {
  readonly patterns: readonly LogPattern[];
  /** Each left out a pattern, a file or a folder; the others are in force. */
  readonly problems: readonly Problem[];
}

/**
 * Reads `*.yml` and `*.yaml` of each folder, later folders over earlier ones: a pattern replaces the one of the same name. A
 * bad pattern is left out with a problem, so the one it was to replace stays in force. Never throws.
 *
 * @param from.folders the built-in one first
 * @param from.faultsOf judges a pattern's expressions and examples
 */
export function loadLogPatterns(from: {
  folders: readonly string[];
  faultsOf: (pattern: LogPattern) => readonly PatternFault[];
}): LogPatterns {
  const patterns = new Map<string, LogPattern>();
  const problems: Problem[] = [];
  for (const folder of from.folders) {
    const inFolder = new Map<string, LogPattern>();
    for (const file of filesIn(folder, problems)) {
      for (const pattern of readFile(join(folder, file), from.faultsOf, problems)) {
        const twin = inFolder.get(pattern.name);
        if (twin === undefined) inFolder.set(pattern.name, pattern);
        else problems.push(doubled(twin, pattern));
      }
    }
    for (const [name, pattern] of inFolder) patterns.set(name, pattern);
  }
  return { patterns: [...patterns.values()], problems };
}

function filesIn(folder: string, problems: Problem[]): string[] {
  try {
    return readdirSync(folder)
      .filter(file => /\.ya?ml$/.test(file))
      .sort();
  } catch (error) {
    problems.push(unreadable(folder, codeOf(error), 'a folder with log patterns'));
    return [];
  }
}

type Content = YamlReading<{ patterns: readonly WrittenPattern[] }>;

interface WrittenPattern extends Omit<LogPattern, 'heedsLevel' | 'alarm' | 'services' | 'with' | 'unless' | 'source'> {
  readonly heeds_level?: boolean | undefined;
  readonly alarm?: boolean | undefined;
  readonly services?: readonly string[] | undefined;
  readonly with?: readonly string[] | undefined;
  readonly unless?: readonly string[] | undefined;
  readonly why?: string | undefined;
}

function readFile(
  source: string,
  faultsOf: (pattern: LogPattern) => readonly PatternFault[],
  problems: Problem[],
): LogPattern[] {
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch (error) {
    problems.push(unreadable(source, codeOf(error), 'a file with log patterns'));
    return [];
  }
  const content: Content = readYaml(source, text, logPatternsSchema);
  problems.push(...content.problems);
  return (content.value?.patterns ?? []).flatMap((written, index) => {
    const { why: _, heeds_level: heedsLevel = false, alarm = false, services = [], unless = [], ...rest } = written;
    const pattern: LogPattern = { ...rest, heedsLevel, alarm, services, with: rest.with ?? [], unless, source };
    const faults = faultsOf(pattern);
    problems.push(...faults.map(fault => faulty(pattern, fault, content.placeOf(['patterns', index, ...fault.path]))));
    return faults.length === 0 ? [pattern] : [];
  });
}

const faulty = ({ name }: LogPattern, { path, found, expected }: PatternFault, place: string): Problem => ({
  place: `${place} ${name}.${path.join('.')}`,
  found,
  expected,
  remedy: 'Correct it: until then the pattern is left out. docs/adding-a-log-pattern.md says what is possible.',
});

const unreadable = (place: string, code: string, expected: string): Problem => ({
  place,
  found: `nothing that can be read (${code})`,
  expected,
  remedy: 'Check the path inside the container, the mount, and the owner and mode.',
});

const doubled = (twin: LogPattern, { name, source }: LogPattern): Problem => ({
  place: source,
  found: `the name ${name}, which ${twin.source} has already`,
  expected: 'one pattern of a name in a folder',
  remedy: 'Rename one of them, or remove it; until then the first one counts.',
});
