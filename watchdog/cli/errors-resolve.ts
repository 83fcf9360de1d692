import type { Command } from 'commander';
import { errorShape } from '../serve/error-shapes.ts';
import { toJson } from '../serve/to-json.ts';
import { clientFor } from './client.ts';
import type { Context } from './context.ts';
import { plainLine } from './plain.ts';

/** `watchdog errors resolve`: a person says that an error is over. */
export function resolveErrorCommand(errors: Command, context: Context): void {
  errors
    .command('resolve')
    .description('say that an error is over; what is written after that is another one. Needs a running watchdog')
    .argument('<id>', 'as `watchdog errors list` shows it')
    .option('--json', 'print JSON')
    .action(async (id: string, { json }: { json?: boolean }) => {
      const client = clientFor(context.settings().settings);
      const error = await client.ask(errorShape, 'POST', `/api/docker/errors/${encodeURIComponent(id)}/resolve`);
      const words = `${error.type} of ${error.project}/${error.service} is over since ${error.resolvedAt}`;
      context.terminal.print(json ? toJson(error, 2) : plainLine(words));
    });
}
