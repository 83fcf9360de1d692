import type { Command } from 'commander';
import type { Context } from './context.ts';
import { classifyCommand } from './errors-classify.ts';
import { listErrorsCommand } from './errors-list.ts';
import { resolveErrorCommand } from './errors-resolve.ts';
import { errorStatsCommand } from './errors-stats.ts';
import { tailCommand } from './errors-tail.ts';

/** `watchdog errors`: what logs tell is wrong. Each part has a file of its own. */
export function errorsCommand(program: Command, context: Context): void {
  const errors = program
    .command('errors')
    .description(
      'show what the logs of containers tell is wrong: list, stats, tail, resolve, classify; each has a --help of its own',
    );
  const commands = [listErrorsCommand, errorStatsCommand, tailCommand, resolveErrorCommand, classifyCommand];
  for (const command of commands) command(errors, context);
}
