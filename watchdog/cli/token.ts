import type { Command } from 'commander';
import { readToken, tokenPath } from '../serve/token.ts';
import type { Context } from './context.ts';
import { CommandFailed, EXIT } from './exit.ts';

/** `watchdog token`: prints the API's token and nothing else. */
export function tokenCommand(program: Command, context: Context): void {
  program
    .command('token')
    .description("print the token of the watchdog's HTTP API")
    .action(async () => {
      const { settings } = context.settings();
      const token = await readToken(settings);
      if (token === undefined)
        throw new CommandFailed(
          EXIT.usage,
          `there is no token yet at ${tokenPath(settings)}: the watchdog makes one at its first start`,
        );
      context.terminal.print(token);
    });
}
