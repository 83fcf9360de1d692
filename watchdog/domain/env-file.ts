/** One variable of an environment file, and where it stands there. */
export interface EnvEntry {
  readonly name: string;
  /** Its value; undefined where the file only names it, so that it comes from whoever runs Compose. */
  readonly value: string | undefined;
  /** Every version of Compose reads exactly that: nothing is interpolated or escaped in it. */
  readonly literal: boolean;
  /** What is interpolated in it, as it is written; empty where nothing is. */
  readonly interpolates: string;
  /** Where the value stands as it is written, with its quotes. */
  readonly from: number;
  readonly to: number;
}

/** A file with one variable changed, or why it is not. None of the sentences holds a value. */
export type EnvEdit =
  | { readonly text: string; readonly line: number; readonly before: string | undefined }
  | { readonly refused: string };

const STATEMENT = /(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*(=[ \t]*|(?=\r?\n|$))/y;
const QUOTED = /"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'/y;
const BARE = /[^\r\n]*/y;
/** What may follow a value in its line. */
const REST = /[ \t]*(?:#[^\n]*)?(?:\r?\n|$)/y;
const BLANK = /(?:[ \t\r\n\v\f]|#[^\n]*)*/y;

/**
 * The variables of an environment file as Compose reads it (docs.docker.com/compose/env-file, compose-spec/compose-go
 * `dotenv/parser.go`), in their order, duplicates included. Only the part of the grammar that all versions agree on is understood.
 * @returns why not, with the line, where there is anything else
 */
export function entriesOf(text: string): readonly EnvEntry[] | string {
  const entries: EnvEntry[] = [];
  let at = afterBlank(text, 0);
  while (at < text.length) {
    const [statement, name = '', sign] = matchAt(STATEMENT, text, at) ?? [];
    if (statement === undefined) return `line ${lineAt(text, at)} is no NAME=value`;
    const from = at + statement.length;
    const entry = sign === '' ? namedOnly(name, from) : entryAt(text, name, from);
    const end = entry && endOf(REST, text, entry.to);
    if (entry === undefined || end === undefined) return `line ${lineAt(text, from)} can be read in more than one way`;
    entries.push(entry);
    at = afterBlank(text, end);
  }
  return entries;
}

const namedOnly = (name: string, at: number): EnvEntry => ({
  name,
  value: undefined,
  literal: false,
  interpolates: '',
  from: at,
  to: at,
});

/** Undefined where a quote is not closed, or may be escaped or not. */
function entryAt(text: string, name: string, from: number): EnvEntry | undefined {
  const isQuoted = text[from] === '"' || text[from] === "'";
  const [written, double, single] = matchAt(isQuoted ? QUOTED : BARE, text, from) ?? [];
  if (written === undefined || (double ?? single)?.endsWith('\\')) return undefined;
  if (double === undefined && single === undefined) return bareEntry(written, name, from);
  const value = double ?? single ?? '';
  return {
    name,
    value,
    literal: !value.includes('\\') && !double?.includes('$'),
    interpolates: double ?? '',
    from,
    to: from + written.length,
  };
}

function bareEntry(line: string, name: string, from: number): EnvEntry {
  const value = line.replace(/(?:^|[ \t])#.*/, '').trimEnd();
  const literal = !line.startsWith('#') && !/[#$\\'"`]/.test(value);
  return { name, value, literal, interpolates: value, from, to: from + value.length };
}

/**
 * The file with that variable at that value: changed where it stands, else added at the end; nothing else differs.
 * @param name matches `[A-Za-z_][A-Za-z0-9_]*`
 * @param value without line ends and control characters
 */
export function withVariable(text: string, name: string, value: string): EnvEdit {
  const entries = entriesOf(text);
  if (typeof entries === 'string') return { refused: entries };
  const [entry, second] = entries.filter(each => each.name === name);
  const written = inQuotes(value);
  if (written === undefined)
    return { refused: `the value for ${name} can be quoted in no way that all versions of Compose read alike` };
  if (second !== undefined) return { refused: `${name} stands in it twice` };
  if (entry !== undefined && !entry.literal)
    return { refused: `the value of ${name} in it is interpolated or escaped` };
  if (entry?.value === value) return { refused: `${name} has that value in it already` };
  const user = entries.find(({ interpolates }) => namesIn(interpolates).includes(name));
  if (user !== undefined) return { refused: `the value of ${user.name} in it is made of ${name}` };
  const end = text === '' || text.endsWith('\n') ? '' : '\n';
  const changed =
    entry === undefined
      ? `${text}${end}${name}=${written}\n`
      : text.slice(0, entry.from) + written + text.slice(entry.to);
  if (!differsIn(name, value, entries, entriesOf(changed))) return { refused: `${name} cannot be changed in it alone` };
  const line = lineAt(changed, entry?.from ?? text.length + end.length);
  return { text: changed, line, before: entry?.value };
}

/** The last word: what was written is read again, and compared with what stood there. */
function differsIn(
  name: string,
  value: string,
  before: readonly EnvEntry[],
  after: readonly EnvEntry[] | string,
): boolean {
  if (typeof after === 'string') return false;
  const others = (entries: readonly EnvEntry[]) =>
    JSON.stringify(entries.filter(each => each.name !== name).map(each => [each.name, each.value, each.literal]));
  const own = after.filter(each => each.name === name);
  return others(before) === others(after) && own.length === 1 && own[0]?.literal === true && own[0].value === value;
}

/** Undefined where versions of Compose differ in what they would read. */
function inQuotes(value: string): string | undefined {
  if (/^[\w./:@%+,-]*$/.test(value)) return value;
  if (/[\\\p{C}]/u.test(value)) return undefined;
  if (!value.includes("'")) return `'${value}'`;
  return /["$`]/.test(value) ? undefined : `"${value}"`;
}

const namesIn = (value: string): readonly string[] =>
  [...value.matchAll(/\$\{?(\w+)/g)].flatMap(([, name]) => name ?? []);

const afterBlank = (text: string, at: number): number => endOf(BLANK, text, at) ?? at;

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;

function matchAt(expression: RegExp, text: string, at: number): RegExpExecArray | undefined {
  expression.lastIndex = at;
  return expression.exec(text) ?? undefined;
}

function endOf(expression: RegExp, text: string, at: number): number | undefined {
  const match = matchAt(expression, text, at);
  return match && at + match[0].length;
}
