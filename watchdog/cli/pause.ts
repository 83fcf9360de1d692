import { type Command, InvalidArgumentError } from 'commander';
import { durationFrom } from '../domain/duration-from.ts';
import { serviceShape } from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import { clientFor } from './client.ts';
import type { Context } from './context.ts';
import { plainLine } from './plain.ts';
import { queryOf, servicePath } from './source.ts';
import { when } from './tell.ts';

interface Options {
  readonly for: string;
  readonly reason?: string;
  readonly project?: string;
  readonly json?: boolean;
}

/** `watchdog pause <service> --for 30m`: nothing is repaired meanwhile. */
export function pauseCommand(program: Command, context: Context): void {
  program
    .command('pause')
    .description('leave a service alone for a while; it is watched all the same')
    .argument('<service>', 'its Compose name')
    .requiredOption('--for <duration>', 'how long: 30s, 5m, 1h or bare seconds', duration)
    .option('--reason <text>', 'why, for those who look at the status')
    .option('--project <name>', 'which one, when several projects have a service of this name')
    .option('--json', 'print JSON')
    .action(async (service: string, { for: length, reason, project, json }: Options) => {
      const client = clientFor(context.settings().settings);
      const path = `${servicePath(service)}/pause${queryOf({ project })}`;
      const paused = await client.ask(serviceShape, 'POST', path, { for: length, reason });
      const until = paused.pause?.until ? ` until ${when(paused.pause.until, context.terminal.now())}` : '';
      context.terminal.print(
        json ? toJson(paused, 2) : plainLine(`${paused.project}/${paused.service} is paused${until}`),
      );
    });
}

function duration(text: string): string {
  if (durationFrom(text) === undefined) throw new InvalidArgumentError('Expected a duration such as 30s, 5m, 1h.');
  return text;
}
