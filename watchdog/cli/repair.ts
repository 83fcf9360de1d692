import type { Command } from 'commander';
import { answerShape } from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import { clientFor, Refused } from './client.ts';
import type { Context } from './context.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { plainLine } from './plain.ts';
import { queryOf } from './source.ts';

interface Options {
  readonly project?: string;
  readonly strategy?: string;
  readonly approve?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

/** `watchdog repair <service>`: asks the running watchdog for a repair. A refusal is exit status 1. */
export function repairCommand(program: Command, context: Context): void {
  program
    .command('repair')
    .description(
      'ask the running watchdog to repair a service now: past cooldown and backoff, not past what protects data',
    )
    .argument('<service>', 'its Compose name')
    .option('--strategy <name>', 'what to do instead of what the playbook says, such as restart or recreate')
    .option('--approve', 'say yes to it where it touches data or the host; only with --strategy')
    .option('--reason <text>', 'why, for those who read the history')
    .option('--project <name>', 'which one, when several projects have a service of this name')
    .option('--json', 'print JSON')
    .action(async (service: string, { project, strategy, approve, reason, json }: Options) => {
      const client = clientFor(context.settings().settings);
      const path = `/repair/${encodeURIComponent(service)}${queryOf({ project })}`;
      const answer = await client.ask(answerShape, 'POST', path, { strategy, reason, approve }).catch(error => {
        throw isRefusedRepair(error) ? new CommandFailed(EXIT.trouble, `refused: ${error.message}`) : error;
      });
      if (json) context.terminal.print(toJson(answer, 2));
      else {
        context.terminal.print(plainLine(`accepted: ${answer.because}`));
        if (answer.incident)
          context.terminal.print(
            plainLine(`incident ${answer.incident.id}; follow it with: watchdog history --service ${service}`),
          );
      }
    });
}

/** A gate said no; not to be mixed up with a name that several projects share, which lists the choices. */
const isRefusedRepair = (error: unknown): error is Refused =>
  error instanceof Refused && error.code === 409 && error.problems.length === 0;
