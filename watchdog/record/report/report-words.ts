import type { Figures, Report, ServiceReport } from '../../domain/report.ts';
import { nameOf } from '../../domain/service.ts';
import { inWords } from '../../domain/time.ts';
import { oneLine } from '../one-line.ts';
import { counted, spanInWords } from './recommendations.ts';

/** Lines in a message; a longer one is read by nobody, and Slack cuts it. */
const SERVICES_IN_TEXT = 15;

/** `2026-03-01 08:00Z to 2026-03-02 08:00Z (24h)`. */
export const spanOf = ({ since, until }: Report): string =>
  `${minute(since)} to ${minute(until)} (${spanInWords(Date.parse(until) - Date.parse(since))})`;

/** The whole in one or two sentences. */
export function headlinesOf({ total, services }: Report): readonly string[] {
  if (services.length === 0) return ['Nothing was broken, and nothing was repaired.'];
  const { incidents, open, escalated, repairs, healed, detectedSeconds, recoveredSeconds } = total;
  const counts = [
    counted(incidents, 'incident'),
    ...(open > 0 ? [`${open} still open`] : []),
    ...(escalated > 0 ? [`${escalated} given to people`] : []),
  ].join(', ');
  const work = repairs === 0 ? 'no repairs' : `${counted(repairs, 'repair')}, ${healed} of them healed`;
  const pace = [
    ...(detectedSeconds === undefined ? [] : [`found after ${lengthOf(detectedSeconds)}`]),
    ...(recoveredSeconds === undefined ? [] : [`well again after ${lengthOf(recoveredSeconds)}`]),
  ];
  const scaled = scaledInWords(total).join(', ');
  return [
    `${counts}; ${work}${scaled === '' ? '' : `; ${scaled}`}.`,
    ...(pace.length === 0 ? [] : [`On average ${pace.join(', ')}.`]),
  ];
}

/** Above the columns of `cellsOf`. */
export const HEADINGS = [
  'SERVICE',
  'INCIDENTS',
  'REPAIRS',
  'SUCCESS',
  'FOUND AFTER',
  'WELL AFTER',
  'STOOD BACK',
  'NOTE',
];

/** A service's line. */
export const cellsOf = (report: ServiceReport): readonly string[] => [
  nameOf(report),
  report.open === 0 ? `${report.incidents}` : `${report.incidents}, ${report.open} open`,
  `${report.repairs}`,
  report.success === undefined ? '-' : `${Math.round(report.success * 100)} %`,
  report.detectedSeconds === undefined ? '-' : lengthOf(report.detectedSeconds),
  report.recoveredSeconds === undefined ? '-' : lengthOf(report.recoveredSeconds),
  refusedInWords(report) || '-',
  noteOf(report),
];

/** `3 services more`, for below the list; undefined where the list is whole. */
export const unlistedIn = ({ unlisted }: Report): string | undefined =>
  unlisted === 0 ? undefined : `and ${counted(unlisted, 'service')} more`;

/** For a message: short lines that need no columns. */
export function textOf(report: Report): string {
  const shown = report.services.slice(0, SERVICES_IN_TEXT);
  const more = report.services.length - shown.length + report.unlisted;
  return [
    ...headlinesOf(report),
    ...shown.map(service => oneLine(sentenceOf(service))),
    ...(more > 0 ? [`and ${counted(more, 'service')} more`] : []),
    ...(report.recommendations.length === 0 ? [] : ['What to do:']),
    ...report.recommendations.map(({ text }, index) => `${index + 1}. ${text}`),
  ].join('\n');
}

/** GitHub-flavoured Markdown: a heading, a table, a list. */
export function markdownOf(report: Report): string {
  const row = (cells: readonly string[]) => `| ${cells.map(cell => escaped(oneLine(cell))).join(' | ')} |`;
  const more = unlistedIn(report);
  return [
    `# Compose Watchdog: ${spanOf(report)}`,
    headlinesOf(report).join(' '),
    ...(report.services.length === 0
      ? []
      : [
          [
            row(HEADINGS),
            row(HEADINGS.map(() => '---')),
            ...report.services.map(service => row(cellsOf(service))),
          ].join('\n'),
        ]),
    ...(more === undefined ? [] : [more]),
    ...(report.recommendations.length === 0
      ? []
      : [
          '## What to do',
          report.recommendations.map(({ text }, index) => `${index + 1}. ${inMarkdown(text)}`).join('\n'),
        ]),
  ].join('\n\n');
}

function sentenceOf(report: ServiceReport): string {
  const { incidents, open, repairs, healed, detectedSeconds, recoveredSeconds } = report;
  const refused = refusedInWords(report);
  const note = noteOf(report);
  return [
    `${nameOf(report)}: ${counted(incidents, 'incident')}${open > 0 ? ` (${open} open)` : ''}, ${counted(repairs, 'repair')}, ${healed} healed`,
    ...(detectedSeconds === undefined ? [] : [`found after ${lengthOf(detectedSeconds)}`]),
    ...(recoveredSeconds === undefined ? [] : [`well after ${lengthOf(recoveredSeconds)}`]),
    ...(refused === '' ? [] : [`stood back: ${refused}`]),
    ...(note === '' ? [] : [note]),
  ].join('; ');
}

/** `cooldown 3, backoff 1`. */
const refusedInWords = ({ refused }: Figures): string =>
  Object.entries(refused)
    .map(([code, count]) => `${code} ${count}`)
    .join(', ');

const noteOf = (report: ServiceReport): string => {
  const { flapping, escalated } = report;
  return [
    ...(escalated > 0 ? ['needed people'] : []),
    ...(flapping ? ['flapping'] : []),
    ...scaledInWords(report),
  ].join(', ');
};

/** `scaled up 3 times`. */
function scaledInWords({ scaledUp, scaledDown, scalingFailed }: Figures): readonly string[] {
  return [
    ...(scaledUp > 0 ? [`scaled up ${counted(scaledUp, 'time')}`] : []),
    ...(scaledDown > 0 ? [`scaled down ${counted(scaledDown, 'time')}`] : []),
    ...(scalingFailed > 0 ? [`${counted(scalingFailed, 'scaling')} failed`] : []),
  ];
}

const lengthOf = (seconds: number): string => inWords(seconds * 1_000);

const minute = (at: string): string => `${at.slice(0, 16).replace('T', ' ')}Z`;

/** Our own sentences have code around commands, and no other backticks (`recommendations.ts`): every second part is code. */
const inMarkdown = (text: string): string =>
  text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? escaped(part) : part))
    .join('`');

/** What would become markup (GitHub Flavored Markdown 6.1, backslash escapes). */
const escaped = (text: string): string => text.replaceAll(/[\\`*_[\]<>|#~]/g, String.raw`\$&`);
