import { type Command, InvalidArgumentError } from 'commander';
import { inWords } from '../domain/time.ts';
import type { DecisionBody, RepairBody } from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { reading } from './source.ts';
import { painted, table, when } from './tell.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  readonly service?: string;
  readonly project?: string;
  readonly limit: number;
  readonly decisions?: boolean;
  readonly json?: boolean;
}

/** `watchdog history`: what was done; with `--decisions` also what was not, and why. Newest first. */
export function historyCommand(program: Command, context: Context): void {
  program
    .command('history')
    .description('show the repairs, newest first; with --decisions every decision, refusals included')
    .option('--service <name>', 'only this service')
    .option('--project <name>', 'only this Compose project')
    .option('--limit <n>', 'how many, 1 to 500', limit, 20)
    .option('--decisions', 'decisions instead of repairs')
    .option('--json', 'print JSON')
    .action(async ({ decisions, json, limit, service, project }: Options) => {
      const query = { limit, ...(service !== undefined && { service }), ...(project !== undefined && { project }) };
      const { terminal } = context;
      if (decisions) {
        const page = await reading(context, source => source.decisions(query));
        terminal.print(json ? toJson(page, 2) : decisionsTable(page.items, terminal));
      } else {
        const page = await reading(context, source => source.repairs(query));
        terminal.print(json ? toJson(page, 2) : repairsTable(page.items, terminal));
      }
    });
}

/** Reads `--limit`. */
export function limit(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > 500)
    throw new InvalidArgumentError('Expected a number from 1 to 500.');
  return number;
}

function repairsTable(repairs: readonly RepairBody[], terminal: Terminal): string {
  if (repairs.length === 0) return 'no repairs yet; `watchdog history --decisions` shows what was decided';
  const rows = repairs.map(repair => [
    when(repair.startedAt, terminal.now()),
    `${repair.project}/${repair.service}`,
    repair.condition,
    `${repair.strategy} #${repair.attempt}`,
    repair.outcome === undefined
      ? painted(terminal, 'between', 'under way')
      : painted(terminal, repair.outcome === 'healed' ? 'good' : 'bad', repair.outcome),
    repair.endedAt === undefined ? '-' : inWords(Date.parse(repair.endedAt) - Date.parse(repair.startedAt)),
    repair.because || repair.reason,
  ]);
  return table(['WHEN', 'SERVICE', 'CONDITION', 'ACTION', 'RESULT', 'TOOK', 'BECAUSE'], rows);
}

function decisionsTable(decisions: readonly DecisionBody[], terminal: Terminal): string {
  if (decisions.length === 0) return 'no decisions yet; the watchdog makes one when something catches its eye';
  const rows = decisions.map(decision => [
    when(decision.lastAt, terminal.now()),
    `${decision.project}/${decision.service}`,
    decision.condition ?? '-',
    `${decision.verdict} (${decision.code})${decision.count > 1 ? ` x${decision.count}` : ''}`,
    decision.strategy ?? '-',
    decision.because,
  ]);
  return table(['WHEN', 'SERVICE', 'CONDITION', 'DECISION', 'STRATEGY', 'BECAUSE'], rows);
}
