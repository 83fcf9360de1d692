import scslre from 'scslre';
import type { Import, Source } from './sources.ts';

/** A law of DESIGN section 2: what breaks it, one sentence each. */
export type Law = (sources: readonly Source[]) => readonly string[];

/** `decide` of `watchdog/decide/gates/storm.ts`; the file's own name at the top: `main.ts`. */
export const roomOf = (path: string): string | undefined => /^watchdog\/([^/]+)/.exec(path)?.[1];

const PURE = ['domain', 'diagnose', 'decide'];
const EDGES = ['observe', 'repair', 'verify', 'record', 'serve'];
/** The composition root, the road, and the commands. */
const SEE_ALL = [
  'main.ts',
  'assemble.ts',
  'knowledge.ts',
  'receive.ts',
  'scope.ts',
  'self-watch.ts',
  'standing.ts',
  'stop-on.ts',
  'wishes.ts',
  'view.ts',
  'pipeline.ts',
  'repairs.ts',
  'scaler.ts',
  'sizes.ts',
  'log-sources.ts',
  'masking.ts',
  'log-watch.ts',
  'scope.ts',
  'wishes.ts',
  'lanes.ts',
  'cli.ts',
  'cli',
];
/** Edge rooms may name the adapters' types and tell their errors apart; the adapters themselves they are given. */
const ADAPTER_VALUES = ['EngineError'];
const LONGEST_FUNCTION = 60;
const LONGEST_FILE = 300;

/** Which room may use which package; a package that is not named here is used nowhere. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'cli-table3': ['cli'],
  commander: ['cli', 'cli.ts'],
  dockerode: ['adapters'],
  express: ['serve'],
  'express-rate-limit': ['serve'],
  'node:sqlite': ['record'],
  'p-retry': ['adapters'],
  'prom-client': ['record'],
  winston: ['adapters'],
  yaml: ['config'],
  zod: ['cli', 'config', 'serve'],
};

const each = (sources: readonly Source[], broken: (source: Source) => readonly string[]): readonly string[] =>
  sources.flatMap(source => broken(source).map(how => `${source.path} ${how}`));

export const pureRoomsArePure: Law = sources =>
  each(
    sources.filter(({ path }) => PURE.includes(roomOf(path) ?? '')),
    ({ path, imports, reaches }) => [
      ...imports
        .filter(({ from }) => roomOf(from) !== 'domain' && roomOf(from) !== roomOf(path))
        .map(({ from }) => `imports ${from}`),
      ...reaches.map(what => `reaches for ${what}`),
    ],
  );

export const edgeRoomsNeverMeet: Law = sources =>
  each(
    sources.filter(({ path }) => EDGES.includes(roomOf(path) ?? '')),
    ({ path, imports }) =>
      imports.filter(found => !mayEnter(roomOf(path) ?? '', found)).map(({ from }) => `imports ${from}`),
  );

function mayEnter(room: string, { from, typeOnly, names }: Import): boolean {
  const other = roomOf(from);
  if (other === undefined || other === 'domain' || other === room) return true;
  if (other !== 'adapters') return false;
  return typeOnly || (names.length > 0 && names.every(name => ADAPTER_VALUES.includes(name)));
}

export const fewSeeMoreThanOneRoom: Law = sources =>
  each(
    sources.filter(({ path }) => !SEE_ALL.includes(roomOf(path) ?? '')),
    ({ path, imports }) => {
      const others = imports.map(({ from }) => roomOf(from)).filter(room => room !== undefined);
      const rooms = new Set(others.filter(room => room !== 'domain' && room !== 'adapters' && room !== roomOf(path)));
      return rooms.size === 0 ? [] : [`sees ${[...rooms].join(', ')}`];
    },
  );

/** Domain and configuration know nobody; the adapters know the domain. */
export const foundationsStandAlone: Law = sources =>
  each(
    sources.filter(({ path }) => ['config', 'adapters'].includes(roomOf(path) ?? '')),
    ({ path, imports }) =>
      imports
        .filter(({ from }) => roomOf(from) !== undefined && roomOf(from) !== 'domain' && roomOf(from) !== roomOf(path))
        .map(({ from }) => `imports ${from}`),
  );

export const packagesStayInTheirRooms: Law = sources =>
  each(sources, ({ path, imports }) =>
    imports
      .filter(({ from }) => !from.startsWith('watchdog/') && !isFree(from))
      .filter(({ from }) => !(PACKAGES[from] ?? []).includes(roomOf(path) ?? ''))
      .map(({ from }) => `uses ${from}`),
  );

/** Node's own modules are for everybody outside the pure rooms; the database is not. */
const isFree = (name: string): boolean => name.startsWith('node:') && PACKAGES[name] === undefined;

export const noCycles: Law = sources => {
  const edges = new Map(
    sources.map(({ path, imports }) => [path, imports.filter(({ typeOnly }) => !typeOnly).map(({ from }) => from)]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    const met = way.indexOf(path);
    if (met >= 0) cycles.push([...way.slice(met), path].join(' -> '));
    if (met >= 0 || done.has(path)) return;
    for (const next of edges.get(path) ?? []) walk(next, [...way, path]);
    done.add(path);
  };
  for (const path of edges.keys()) walk(path, []);
  return cycles;
};

export const nothingIsTooLong: Law = sources =>
  each(sources, ({ lines, functions }) => [
    ...(lines > LONGEST_FILE ? [`has ${lines} lines`] : []),
    ...functions
      .filter(({ lines: long }) => long > LONGEST_FUNCTION)
      .map(({ name, lines: long }) => `has a function ${name} of ${long} lines`),
  ]);

/** Texts that are put together from, or compiled out of, others: each with the reason why it cannot be somebody else's. */
const MAKERS: Readonly<Record<string, string>> = {
  // Of constants; tests/door/expressions.test.ts looks at what comes out.
  'watchdog/domain/mask.ts': 'RegExp',
  // Of patterns that operators write, in a language whose steps are counted before (MOST_WAYS).
  'watchdog/diagnose/log-errors/compile-pattern.ts': 'RegExp',
  // Of masks, which operators write in the same language, with fewer steps.
  'watchdog/diagnose/log-errors/compile-mask.ts': 'RegExp',
  // A script of its own, with nothing in it but the number of ticks and our own process id.
  'watchdog/adapters/loop-guard.ts': 'node:child_process',
};

/** Nothing foreign becomes code: no text is compiled, no process is started, and an expression is written out. */
export const nothingForeignBecomesCode: Law = sources =>
  each(sources, ({ path, makers, imports }) => [
    ...makers.filter(maker => MAKERS[path] !== maker).map(maker => `makes something of a text with ${maker}`),
    ...imports
      .filter(({ from }) => COMPILERS.includes(from) && MAKERS[path] !== from)
      .map(({ from }) => `uses ${from}`),
  ]);

const COMPILERS = ['node:child_process', 'node:vm', 'node:repl', 'node:worker_threads', 'node:cluster'];

/** Why matching it can take longer than its text is long, by static analysis; undefined where it cannot. */
export function whySlow(expression: RegExp): string | undefined {
  const [found] = scslre.analyse(expression).reports;
  return (
    found && `${expression} can take ${found.exponential ? 'for ever' : 'the square of the length'} (${found.type})`
  );
}

/** ReDoS: nearly every text here is a container's, an alert's or a client's. */
export const expressionsAreLinear: Law = sources =>
  each(sources, ({ expressions }) =>
    expressions.flatMap(written => {
      const end = written.lastIndexOf('/');
      return whySlow(new RegExp(written.slice(1, end), written.slice(end + 1))) ?? [];
    }),
  );

/** What may stand in SQL besides constants (`HELD`): each is typed as a closed list of our own words, or is our own number. */
const SQL_PARTS: Readonly<Record<string, readonly string[]>> = {
  'watchdog/record/ledger/ledger-file.ts': ['name'],
  'watchdog/record/ledger/migrations.ts': ['migrations.length'],
  'watchdog/record/ledger/paging.ts': ['table', 'timeColumn'],
  'watchdog/record/ledger/report-facts.ts': ["inSpan('opened_at')", "inSpan('escalated_at')", "inSpan('resolved_at')"],
  'watchdog/record/ledger/retention.ts': ['times'],
};

export const sqlByParametersOnly: Law = sources =>
  each(sources, ({ path, sqlParts }) =>
    sqlParts
      .filter(part => !/^[A-Z][A-Z_]+$/.test(part) && !(SQL_PARTS[path] ?? []).includes(part))
      .map(part => `puts ${part} into SQL; a parameter (:name) cannot become SQL`),
  );
