import type { Command } from 'commander';
import { type IncidentBody, incidentShape } from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import { clientFor, Refused } from './client.ts';
import type { Context } from './context.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { plainLine } from './plain.ts';

interface Options {
  readonly order?: string;
  readonly reason?: string;
  readonly json?: boolean;
}

/** `watchdog approve <id>`: a yes to what was asked about an incident; to exactly that, once. */
export const approveCommand = (program: Command, context: Context): void =>
  answerCommand(
    program,
    context,
    'approve',
    'say yes to what the watchdog asked about an incident; to exactly that, once',
  );

/** `watchdog refuse <id>`: a no. */
export const refuseCommand = (program: Command, context: Context): void =>
  answerCommand(
    program,
    context,
    'refuse',
    'say no to what the watchdog asked about an incident, and leave it to people',
  );

function answerCommand(program: Command, context: Context, word: 'approve' | 'refuse', description: string): void {
  program
    .command(word)
    .description(description)
    .argument('<id>', "the incident's; `watchdog incidents` shows it, and what is asked")
    .option('--order <n>', 'which order is meant, where several were asked about')
    .option('--reason <text>', 'why, for those who read the history')
    .option('--json', 'print JSON')
    .action(async (id: string, { order, reason, json }: Options) => {
      const client = clientFor(context.settings().settings);
      const path = `/api/incidents/${encodeURIComponent(id)}/${word}`;
      const incident = await client.ask(incidentShape, 'POST', path, { order, reason }).catch(error => {
        throw error instanceof Refused && error.code === 409 ? new CommandFailed(EXIT.trouble, error.message) : error;
      });
      context.terminal.print(json ? toJson(incident, 2) : plainLine(taken(incident, order, word)));
    });
}

function taken({ id, approvals }: IncidentBody, order: string | undefined, word: 'approve' | 'refuse'): string {
  const meant = approvals.findLast(approval => order === undefined || approval.order === order);
  return word === 'approve'
    ? `yes to ${meant?.what}; follow it with: watchdog incidents`
    : `no to ${meant?.what}; incident ${id} is left to people`;
}
