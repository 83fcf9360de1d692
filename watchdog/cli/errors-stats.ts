import { type Command, InvalidArgumentError } from 'commander';
import { LONGEST_ERROR_SPAN } from '../domain/error-stats.ts';
import { type Duration, hours } from '../domain/time.ts';
import type { ErrorStatsBody } from '../serve/error-shapes.ts';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { span } from './report.ts';
import { reading } from './source.ts';
import { table } from './tell.ts';

interface Options {
  readonly since: Duration;
  readonly service?: string;
  readonly project?: string;
  readonly json?: boolean;
}

/** `watchdog errors stats`: how many there were, by type, service and hour, and whether they grow. */
export function errorStatsCommand(errors: Command, context: Context): void {
  errors
    .command('stats')
    .description('count the errors of the last 24 hours by type, service and hour, against as long before')
    .option('--since <duration>', 'how far back, at most 31d: 6h, 7d (default: 24h)', shortSpan, hours(24))
    .option('--service <name>', 'only this service')
    .option('--project <name>', 'only this Compose project')
    .option('--json', 'print JSON')
    .action(async ({ json, ...query }: Options) => {
      const stats = await reading(context, source => source.errorStats(query));
      context.terminal.print(json ? toJson(stats, 2) : inText(stats));
    });
}

/** Reads `--since`. */
function shortSpan(text: string): Duration {
  const duration = span(text);
  if (duration > LONGEST_ERROR_SPAN)
    throw new InvalidArgumentError('Expected at most 31d: errors are counted by the hour.');
  return duration;
}

const COUNTS = ['COUNT', 'BEFORE', 'TREND'];

function inText({ since, until, total, types, services, hours: byHour }: ErrorStatsBody): string {
  const about = `${shortly(since)} to ${shortly(until)}`;
  if (types.length === 0) return `${about}: no errors, nor as long before`;
  return [
    `${about}: ${total.count} errors, ${total.before} as long before (${total.trend})`,
    table(
      ['TYPE', 'WORST', ...COUNTS],
      types.map(({ type, severity, ...counts }) => [type, severity, ...cells(counts)]),
    ),
    table(
      ['SERVICE', 'WORST', ...COUNTS],
      services.map(({ project, service, severity, ...counts }) => [
        `${project}/${service}`,
        severity,
        ...cells(counts),
      ]),
    ),
    ...(total.count === 0 ? [] : [table(['HOUR', 'COUNT', ''], hourRows(byHour))]),
  ].join('\n\n');
}

const cells = ({ count, before, trend }: ErrorStatsBody['total']): string[] => [String(count), String(before), trend];

const BAR = 40;

/** Only hours in which there were some; a bar says how many, measured by the worst hour. */
function hourRows(byHour: ErrorStatsBody['hours']): string[][] {
  const most = Math.max(...byHour.map(({ count }) => count));
  return byHour
    .filter(({ count }) => count > 0)
    .map(({ at, count }) => [shortly(at), String(count), '#'.repeat(Math.ceil((count / most) * BAR))]);
}

/** `2026-03-01 10:00Z`. */
const shortly = (at: string): string => `${at.slice(0, 16).replace('T', ' ')}Z`;
