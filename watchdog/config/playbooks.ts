import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandFault, commandIn, EXEC_COMMAND, helperCommandIn, RUN_HELPER } from '../domain/command.ts';
import { type Condition, ERROR_CONDITIONS, isCondition } from '../domain/condition.ts';
import { EDIT_ENV_FILE, envChangeIn } from '../domain/env-change.ts';
import type { Playbook, Rung, Told } from '../domain/playbook.ts';
import type { Policy } from '../domain/policy.ts';
import { playbookSchema } from './playbook-schema.ts';
import { unknownWord } from './problem.ts';
import { codeOf } from './read-env.ts';
import { readYaml } from './read-yaml.ts';
import type { Problem, Settings } from './settings.ts';

/** The built-in playbooks lie beside the program. */
export const BUILT_IN_PLAYBOOKS = join(import.meta.dirname, '..', '..', 'rules', 'playbooks');

/** The playbooks in force. */
export interface Playbooks {
  readonly playbooks: ReadonlyMap<string, Playbook>;
  /** The one that bears the condition's name. */
  readonly byCondition: ReadonlyMap<Condition, Playbook>;
  /** Each left out a playbook or a folder; the others are in force. */
  readonly problems: readonly Problem[];
}

/**
 * Reads `*.yml` and `*.yaml` of each folder, later folders over earlier ones: a playbook replaces the one of the same
 * name. A bad playbook is left out with a problem, so the one it was to replace stays in force. Never throws.
 *
 * @param from.folders the built-in one first
 * @param from.strategies the names that are registered
 */
export function loadPlaybooks(from: { folders: readonly string[]; strategies: readonly string[] }): Playbooks {
  const playbooks = new Map<string, Playbook>();
  const problems: Problem[] = [];
  for (const folder of from.folders) {
    const inFolder = readFolder(folder, from.strategies);
    problems.push(...inFolder.problems);
    for (const playbook of inFolder.playbooks) playbooks.set(playbook.name, playbook);
  }
  const named = [...playbooks.values()].filter(playbook => isCondition(playbook.name));
  return { playbooks, byCondition: new Map(named.map(playbook => [playbook.condition, playbook])), problems };
}

/**
 * The one that the policy chose, else the one for this very log pattern (of several the one that was read last), else the one that
 * bears the condition's name. A choice that does not fit counts as none: `choiceProblems` and `policyFor` have told of it.
 * @param pattern by which the error was recognised, where a log told of it
 */
export function choosePlaybook(
  { playbooks, byCondition }: Pick<Playbooks, 'playbooks' | 'byCondition'>,
  policy: Pick<Policy, 'playbooks'>,
  condition: Condition,
  pattern?: string,
): Playbook | undefined {
  const isFor = ({ patterns }: Playbook) => pattern !== undefined && patterns.includes(pattern);
  const name = policy.playbooks[condition];
  const chosen = name === undefined ? undefined : playbooks.get(name);
  if (chosen?.condition === condition && (chosen.patterns.length === 0 || isFor(chosen))) return chosen;
  const own = [...playbooks.values()].findLast(playbook => playbook.condition === condition && isFor(playbook));
  return own ?? byCondition.get(condition);
}

/** Log patterns that a playbook is for and that are not there: it would never be used. */
export function patternProblems(playbooks: ReadonlyMap<string, Playbook>, known: readonly string[]): Problem[] {
  return [...playbooks.values()].flatMap(({ patterns, source }) =>
    patterns
      .filter(pattern => !known.includes(pattern))
      .map(pattern => unknownWord(`${source} patterns`, 'log pattern', pattern, known)),
  );
}

/** What the configuration file chose and is not there, or is for another condition. */
export function choiceProblems(settings: Settings, playbooks: ReadonlyMap<string, Playbook>): Problem[] {
  const choices = [
    { path: 'playbooks.use', chosen: settings.policy.playbooks },
    ...Object.entries(settings.services).map(([name, own]) => ({
      path: `services.${name}.playbook`,
      chosen: own.playbooks ?? {},
    })),
  ];
  return choices.flatMap(({ path, chosen }) =>
    Object.entries(chosen).flatMap(([condition, name]) => {
      if (playbooks.get(name)?.condition === condition) return [];
      const fitting = [...playbooks.values()].filter(playbook => playbook.condition === condition);
      const place = `${settings.origins[`${path}.${condition}`] ?? settings.configFile ?? ''} ${path}.${condition}`;
      return [
        unknownWord(
          place.trim(),
          `playbook for ${condition}`,
          name,
          fitting.map(playbook => playbook.name),
        ),
      ];
    }),
  );
}

interface FolderReading {
  readonly playbooks: readonly Playbook[];
  readonly problems: readonly Problem[];
}

function readFolder(folder: string, strategies: readonly string[]): FolderReading {
  let files: string[];
  try {
    files = readdirSync(folder)
      .filter(file => /\.ya?ml$/.test(file))
      .sort();
  } catch (error) {
    return { playbooks: [], problems: [unreadable(folder, codeOf(error), 'a folder with playbooks')] };
  }
  const playbooks = new Map<string, Playbook>();
  const problems: Problem[] = [];
  for (const file of files) {
    const reading = readPlaybook(join(folder, file), strategies);
    const twin = playbooks.get(reading.playbook?.name ?? '');
    problems.push(...reading.problems);
    if (twin !== undefined) problems.push(doubled(twin, join(folder, file)));
    else if (reading.playbook !== undefined) playbooks.set(reading.playbook.name, reading.playbook);
  }
  return { playbooks: [...playbooks.values()], problems };
}

function readPlaybook(
  source: string,
  strategies: readonly string[],
): { playbook?: Playbook; problems: readonly Problem[] } {
  let text: string;
  try {
    text = readFileSync(source, 'utf8');
  } catch (error) {
    return { problems: [unreadable(source, codeOf(error), 'a playbook')] };
  }
  const { value, problems, placeOf } = readYaml(source, text, playbookSchema);
  if (value === undefined) return { problems };
  const { name, condition, patience, cooldown, attempts } = value;
  const unknown = value.ladder.flatMap(({ strategy }, rung) => {
    const path = ['ladder', rung, 'strategy'];
    return strategies.includes(strategy)
      ? []
      : [unknownWord(`${placeOf(path)} ${path.join('.')}`, 'strategy', strategy, strategies)];
  });
  unknown.push(...value.ladder.flatMap((rung, at) => commandProblems(rung, at, placeOf)));
  if (isCondition(name) && name !== condition) unknown.push(misnamed(`${placeOf(['name'])} name`, name, condition));
  const patterns = value.patterns ?? [];
  if (patterns.length > 0 && (isCondition(name) || !isErrorCondition(condition)))
    unknown.push(unbound(`${placeOf(['patterns'])} patterns`, name, condition));
  if (unknown.length > 0) return { problems: unknown };
  const ladder = value.ladder.map(({ strategy, with: told, danger }) => ({
    strategy,
    with: told ?? {},
    ...(danger !== undefined && { danger }),
  }));
  const evenIfWell = value.even_if_well ?? false;
  return {
    playbook: { name, condition, patterns, ladder, evenIfWell, patience, cooldown, attempts, source },
    problems,
  };
}

const unreadable = (place: string, code: string, expected: string): Problem => ({
  place,
  found: `nothing that can be read (${code})`,
  expected,
  remedy: 'Check the path inside the container, the mount, and the owner and mode.',
});

const doubled = (twin: Playbook, source: string): Problem => ({
  place: source,
  found: `the name ${twin.name}, which ${twin.source} has already`,
  expected: 'one playbook of a name in a folder',
  remedy: 'Rename one of them, or remove it; until then the first one counts.',
});

/** What a command is told is checked where it is written: at three in the morning it is too late. */
function commandProblems(
  { strategy, with: told = {} }: Pick<Rung, 'strategy'> & { readonly with?: Told | undefined },
  rung: number,
  placeOf: (path: (string | number)[]) => string,
): Problem[] {
  const fault = checked(strategy, told);
  if (fault === undefined) return [];
  const { name, found, expected } = fault;
  const path = ['ladder', rung, ...(told[name] === undefined ? [] : ['with', name])];
  const place = `${placeOf(path)} ladder.${rung}.with.${name}`;
  return [{ place, found, expected, remedy: 'Correct the playbook; no shell reads these words.' }];
}

function checked(strategy: string, told: Told): CommandFault | undefined {
  const check = { [EXEC_COMMAND]: commandIn, [RUN_HELPER]: helperCommandIn, [EDIT_ENV_FILE]: envChangeIn }[strategy];
  const read = check?.(told);
  return read !== undefined && 'found' in read ? read : undefined;
}

const isErrorCondition = (condition: Condition): boolean => ERROR_CONDITIONS.some(each => each === condition);

const unbound = (place: string, name: string, condition: Condition): Problem => ({
  place,
  found: `log patterns in the playbook ${name} for ${condition}`,
  expected: 'patterns only where logs tell of the condition, in a playbook of a name of its own',
  remedy: 'Leave the patterns out, or rename the playbook: one that bears the name of a condition is for all of it.',
});

const misnamed = (place: string, name: string, condition: Condition): Problem => ({
  place,
  found: `the name ${name} for a playbook of the condition ${condition}`,
  expected: "the condition's own name, or one that is no condition",
  remedy: 'Rename the playbook: one that bears the name of a condition is the default for it.',
});
