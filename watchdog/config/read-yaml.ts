import { basename } from 'node:path';
import { type Document, isCollection, isMap, isPair, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { InterpolationError, interpolate } from './interpolate.ts';
import { knownKeys } from './known-keys.ts';
import { quote, unknownWord } from './problem.ts';
import type { Env } from './read-env.ts';
import type { Problem } from './settings.ts';

/** Where something stands in the tree of a YAML file: keys and indexes. */
export type Path = readonly PropertyKey[];

/** A YAML file that was read and checked. */
export interface YamlReading<T> {
  /** Undefined when there are problems. */
  readonly value: T | undefined;
  readonly problems: readonly Problem[];
  /** `watchdog.yml:12`: where this path stands, or the nearest thing above it that does. */
  placeOf(path: Path): string;
}

/** No configuration is longer; a file that is one was mistaken for one. */
const LONGEST = 1_000_000;

/** Nobody reads more of them, and to find the line of each costs a walk through the file. */
const MOST_PROBLEMS = 50;

/**
 * Parses YAML 1.2, fills in `${VAR}` from `env` where that is given, and checks the shape. Variables are filled in after
 * parsing, so that a value can never become structure. A key without a value counts as absent. Never throws.
 */
export function readYaml<T>(file: string, text: string, schema: z.ZodType<T>, env?: Env): YamlReading<T> {
  const lines = new LineCounter();
  const source = text.length > LONGEST ? '' : text;
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, stringKeys: true, merge: true });
  const lineAt = (offset: number): string => `${basename(file)}:${lines.linePos(offset).line}`;
  const placeOf = (path: Path): string => lineAt(offsetOf(document, path));
  const refused = (problems: readonly Problem[]): YamlReading<T> => ({ value: undefined, problems, placeOf });

  if (text.length > LONGEST) return refused([tooLong(file, text)]);
  if (document.errors.length > 0) {
    return refused(document.errors.slice(0, 10).map(error => brokenYaml(lineAt(error.pos[0]), error.message)));
  }
  const problems = [...prototypesIn(document, lineAt), ...(env === undefined ? [] : fillIn(document, env, lineAt))];
  if (problems.length > 0) return refused(problems);
  try {
    // The words of the tree are pieces of the text, each of which would keep the whole of it in memory. Their copies do not.
    const tree = structuredClone(document.toJS({ maxAliasCount: 100 }));
    const checked = schema.safeParse(withoutNulls(tree) ?? {});
    if (checked.success) return { value: checked.data, problems: [], placeOf };
    const inOrder = theFirst(checked.error.issues)
      .map(issue => ({ issue, offset: offsetOf(document, issue.path) }))
      .sort((a, b) => a.offset - b.offset);
    return refused(inOrder.flatMap(({ issue }) => problemsOf(issue, schema, document, placeOf)));
  } catch (error) {
    // An alias to nothing, or aliases that multiply beyond reason, show only when the tree is built.
    return refused([brokenYaml(basename(file), error instanceof Error ? error.message : String(error))]);
  }
}

const tooLong = (file: string, text: string): Problem => ({
  place: basename(file),
  found: `${text.length} characters`,
  expected: `at most ${LONGEST}`,
  remedy: 'Check that this is the file that was meant.',
});

const brokenYaml = (place: string, message: string): Problem => ({
  place,
  found: `broken YAML: ${message.split('\n', 1)[0]?.slice(0, 200)}`,
  expected: 'valid YAML',
  remedy: 'Correct the indentation, quotes or brackets at this line.',
});

/** Nothing is called so; the schema library passes over it without a word, as it protects objects from it. */
function prototypesIn(document: Document, lineAt: (offset: number) => string): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key !== 'key' || node.value !== '__proto__') return;
      problems.push({
        place: lineAt(node.range?.[0] ?? 0),
        found: 'the key "__proto__"',
        expected: 'another key',
        remedy: 'Remove it.',
      });
    },
  });
  return problems;
}

/** @returns what could not be filled in. */
function fillIn(document: Document, env: Env, lineAt: (offset: number) => string): Problem[] {
  const problems: Problem[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('$')) return;
      try {
        const value = interpolate(node.value, env);
        node.value = value === '' ? null : value;
      } catch (error) {
        if (!(error instanceof InterpolationError)) throw error;
        problems.push({
          place: lineAt(node.range?.[0] ?? 0),
          found: error.message,
          expected: 'a variable that is set, or one with a default, as in Compose',
          remedy: 'Set it in the environment of the watchdog, or give it a default behind `:-`.',
        });
      }
    },
  });
  return problems;
}

/** People comment out all keys of a section and leave its head: that is an absent section. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, child]) => child !== null);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutNulls(child)]));
}

type Issue = z.core.$ZodIssue;

/** Those that are told: a file with thousands of problems is another program's. All unknown keys of a map are one issue. */
function theFirst(issues: readonly Issue[]): Issue[] {
  return issues
    .slice(0, MOST_PROBLEMS)
    .map(issue =>
      issue.code === 'unrecognized_keys' ? { ...issue, keys: issue.keys.slice(0, MOST_PROBLEMS) } : issue,
    );
}

function problemsOf<T>(
  issue: Issue,
  schema: z.ZodType<T>,
  document: Document,
  placeOf: (path: Path) => string,
): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, issue.path);
    return issue.keys.map(key => {
      const path = [...issue.path, key];
      return unknownWord(`${placeOf(path)} ${dotted(path)}`, 'key', key, known);
    });
  }
  if (issue.code === 'invalid_key') {
    const key = String(issue.path.at(-1));
    return [
      {
        place: `${placeOf(issue.path)} ${dotted(issue.path)}`,
        found: `the key ${quote(key)}`,
        expected: issue.issues[0]?.message ?? 'another key',
        remedy: 'Correct the key.',
      },
    ];
  }
  const node = document.getIn(issue.path, true);
  return [
    {
      place: `${placeOf(issue.path)} ${dotted(issue.path)}`.trim(),
      found: inWords(node),
      expected: issue.code === 'invalid_type' ? typeInWords(issue.expected) : issue.message,
      remedy: 'Correct the value, or remove the key to get the default.',
    },
  ];
}

const dotted = (path: Path): string => path.map(String).join('.').slice(0, 200);

/** As it was written, with variables unfilled: what they hold may be secret. */
function inWords(node: unknown): string {
  if (node === undefined) return 'nothing';
  if (isMap(node)) return 'a map';
  if (isCollection(node)) return 'a list';
  if (isScalar(node)) return quote(node.source ?? String(node.value));
  return 'an alias';
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a map of keys and values',
  record: 'a map',
  array: 'a list',
};

const typeInWords = (type: string): string => TYPES[type] ?? type;

/** Of the key at the end of the path, where there is one. */
function offsetOf(document: Document, path: Path): number {
  for (let depth = path.length; depth > 0; depth--) {
    const parent = document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    if (isMap(parent)) {
      const pair = parent.items.find(item => isPair(item) && isScalar(item.key) && item.key.value === last);
      if (pair !== undefined && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
    } else if (isCollection(parent)) {
      const item = parent.get(last, true);
      if (isScalar(item) || isCollection(item)) return item.range?.[0] ?? 0;
    }
  }
  return 0;
}
