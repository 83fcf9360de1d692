import { type Command, InvalidArgumentError } from 'commander';
import { nearest } from '../config/nearest.ts';
import { ERROR_TYPES, type ErrorType, SEVERITIES, type Severity } from '../domain/log-error.ts';
import type { Duration } from '../domain/time.ts';
import type { ErrorBody } from '../serve/error-shapes.ts';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { limit } from './history.ts';
import { span } from './report.ts';
import { reading } from './source.ts';
import { painted, table, when } from './tell.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  readonly all?: boolean;
  readonly service?: string;
  readonly project?: string;
  readonly type?: ErrorType;
  readonly severity?: Severity;
  readonly since?: Duration;
  readonly limit: number;
  readonly json?: boolean;
}

/** `watchdog errors list`: what logs tell is wrong; with `--all` also what a person has resolved. */
export function listErrorsCommand(errors: Command, context: Context): void {
  errors
    .command('list')
    .description('show the errors that the logs tell of, those first seen last first')
    .option('--all', 'those that somebody has resolved as well')
    .option('--service <name>', 'only this service')
    .option('--project <name>', 'only this Compose project')
    .option('--type <type>', 'only this type, such as PORT_CONFLICT or port-conflict', errorType)
    .option('--severity <word>', `only this severity: ${SEVERITIES.join(', ')}`, severity)
    .option('--since <duration>', 'only what was written since then: 30m, 24h, 7d', span)
    .option('--limit <n>', 'how many, 1 to 500', limit, 20)
    .option('--json', 'print JSON: samples and the forms of the messages as well')
    .action(async ({ all, json, ...query }: Options) => {
      const page = await reading(context, source => source.errors({ ...query, ...(!all && { open: true }) }));
      const { terminal } = context;
      if (json) terminal.print(toJson(page, 2));
      else if (page.items.length > 0) terminal.print(errorsTable(page.items, terminal));
      else
        terminal.print(
          all ? 'no such errors' : 'no such errors; `--all` shows those that somebody has resolved as well',
        );
    });
}

/** How bad it looks. */
export const MOODS = { info: 'good', warning: 'between', error: 'bad', critical: 'bad' } as const;

function errorsTable(errors: readonly ErrorBody[], terminal: Terminal): string {
  const rows = errors.map(({ id, lastAt, project, service, type, severity, count, sample, resolvedAt }) => [
    id,
    when(lastAt, terminal.now()),
    `${project}/${service}`,
    type,
    resolvedAt === undefined ? painted(terminal, MOODS[severity], severity) : painted(terminal, 'good', 'resolved'),
    String(count),
    beginning(sample),
  ]);
  return table(['ID', 'LAST', 'SERVICE', 'TYPE', 'SEVERITY', 'COUNT', 'MESSAGE'], rows);
}

/** Of a record, which may have many lines. */
function beginning(sample: string): string {
  const line = sample.trim().split('\n')[0] ?? '';
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}

const LONGEST_LINE = 160;

/** Reads `--type`, as the API has it or as its condition is called. */
function errorType(text: string): ErrorType {
  const word = text.toUpperCase().replaceAll('-', '_');
  const type = ERROR_TYPES.find(each => each === word);
  if (type !== undefined) return type;
  const meant = nearest(word, ERROR_TYPES);
  throw new InvalidArgumentError(
    meant === undefined
      ? `Expected one of the types of docs/log-errors.md: ${ERROR_TYPES.join(', ')}.`
      : `Expected a type of error. Did you mean ${meant}?`,
  );
}

/** Reads `--severity`. */
function severity(text: string): Severity {
  const found = SEVERITIES.find(each => each === text.toLowerCase());
  if (found === undefined) throw new InvalidArgumentError(`Expected one of ${SEVERITIES.join(', ')}.`);
  return found;
}
