import type { Command } from 'commander';
import type { Context } from './context.ts';
import type { ExitStatus } from './exit.ts';
import { explainFailure } from './explain-failure.ts';
import type { Terminal } from './terminal.ts';

/** `watchdog run`, for its line in the help; `cli.ts` calls `run` itself. */
export function runCommand(program: Command, context: Context): void {
  program
    .command('run')
    .description('watch and repair until SIGTERM or SIGINT')
    .action(async () => context.finish(await run(context.terminal)));
}

/** Watches until it is told to stop. Never throws. */
export async function run(terminal: Pick<Terminal, 'env' | 'remark'>): Promise<ExitStatus> {
  try {
    // Imported here, so that the short commands stay quick.
    const { runWatchdog } = await import('../main.ts');
    return await runWatchdog({ ...terminal.env });
  } catch (error) {
    return explainFailure(error, terminal);
  }
}
