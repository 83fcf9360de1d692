import type { Command } from 'commander';
import type { Context } from './context.ts';
import { EXIT } from './exit.ts';

/** `watchdog run`: watches and repairs until it is told to stop. */
export function runCommand(program: Command, context: Context): void {
  program
    .command('run')
    .description('watch and repair until SIGTERM or SIGINT')
    .action(async () => {
      // Imported here, so that the short commands stay quick.
      const { runWatchdog } = await import('../main.ts');
      const status = await runWatchdog({ ...context.terminal.env });
      context.finish(status === 0 ? EXIT.fine : EXIT.trouble);
    });
}
