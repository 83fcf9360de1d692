import { type Command, InvalidArgumentError } from 'commander';
import { durationFrom } from '../domain/duration-from.ts';
import type { Report } from '../domain/report.ts';
import { type Duration, hours } from '../domain/time.ts';
import { cellsOf, HEADINGS, headlinesOf, markdownOf, spanOf, unlistedIn } from '../record/report/report-words.ts';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { plain } from './plain.ts';
import { reading } from './source.ts';
import { table } from './tell.ts';

interface Options {
  readonly since?: Duration;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

/** `watchdog report`: what happened lately, by service, and what to do about it. */
export function reportCommand(program: Command, context: Context): void {
  program
    .command('report')
    .description('show what happened in the last 24 hours, by service, and what to do about it')
    .option('--since <duration>', 'how far back: 24h, 7d (default: 24h)', span)
    .option('--markdown', 'print Markdown')
    .option('--json', 'print JSON')
    .action(async ({ since = hours(24), markdown, json }: Options) => {
      const report = await reading(context, source => source.report(since));
      const { terminal } = context;
      if (json) terminal.print(toJson(report, 2));
      else terminal.print(plain(markdown ? markdownOf(report) : inText(report)));
    });
}

/** Reads `--since`, as the API does. */
export function span(text: string): Duration {
  const duration = durationFrom(text);
  if (duration === undefined || duration < 1_000 || duration > hours(366 * 24))
    throw new InvalidArgumentError('Expected a duration from 1s to 366d, such as 24h or 7d.');
  return duration;
}

function inText(report: Report): string {
  const more = unlistedIn(report);
  return [
    [spanOf(report), ...headlinesOf(report)].join('\n'),
    ...(report.services.length === 0 ? [] : [table(HEADINGS, report.services.map(cellsOf))]),
    ...(more === undefined ? [] : [more]),
    ...(report.recommendations.length === 0
      ? []
      : [['What to do:', ...report.recommendations.map(({ text }, index) => `${index + 1}. ${text}`)].join('\n')]),
  ].join('\n\n');
}
