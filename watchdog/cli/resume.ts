import type { Command } from 'commander';
import { resumedShape } from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import { clientFor } from './client.ts';
import type { Context } from './context.ts';
import { plainLine } from './plain.ts';
import { queryOf, servicePath } from './source.ts';

/** `watchdog resume <service>`: ends a pause, and gives an escalated service one new attempt. */
export function resumeCommand(program: Command, context: Context): void {
  program
    .command('resume')
    .description('end the pause of a service, and grant one new attempt where the watchdog had given up')
    .argument('<service>', 'its Compose name')
    .option('--project <name>', 'which one, when several projects have a service of this name')
    .option('--json', 'print JSON')
    .action(async (service: string, { project, json }: { project?: string; json?: boolean }) => {
      const client = clientFor(context.settings().settings);
      const said = await client.ask(resumedShape, 'POST', `${servicePath(service)}/resume${queryOf({ project })}`);
      const name = `${said.service.project}/${said.service.service}`;
      const words = said.resumed
        ? `${name} is looked after again`
        : `${name} was neither paused nor given up; its attempts so far no longer count`;
      context.terminal.print(json ? toJson(said, 2) : plainLine(words));
    });
}
