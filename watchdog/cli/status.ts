import type { Command } from 'commander';
import type { ServiceBody } from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit.ts';
import { plainLine } from './plain.ts';
import { whyNotScaled } from './scale.ts';
import { inTrouble, servicesTable } from './services-table.ts';
import { reading } from './source.ts';
import { painted } from './tell.ts';
import type { Terminal } from './terminal.ts';

/** `watchdog status`: every service in scope at a glance. Trouble found: an open incident, bad labels, an unwell watchdog. */
export function statusCommand(program: Command, context: Context): void {
  program
    .command('status')
    .description(
      'show every service in scope, what is wrong with it and what comes next; exit status 1 when something is',
    )
    .option('--project <name>', 'only this Compose project')
    .option('--json', 'print JSON')
    .action(async ({ project, json }: { project?: string; json?: boolean }) => {
      const { services, complaint } = await reading(context, async source => ({
        complaint: await source.complaint(),
        services: await source.services(project),
      }));
      if (json) context.terminal.print(toJson({ items: services, watchdog: complaint ?? 'ok' }, 2));
      else tell(services, complaint, project, context.terminal);
      if (complaint !== undefined || services.some(inTrouble)) context.finish(EXIT.trouble);
    });
}

function tell(
  services: readonly ServiceBody[],
  complaint: string | undefined,
  project: string | undefined,
  terminal: Terminal,
): void {
  if (complaint !== undefined)
    terminal.print(painted(terminal, 'bad', `the watchdog itself is not well: ${complaint}`).text);
  if (services.length === 0)
    terminal.print(
      `no services in scope${project === undefined ? '' : ` in project ${project}`}: ` +
        'WATCHDOG_PROJECTS says which Compose projects are watched; `docker compose up -d` starts one',
    );
  else terminal.print(servicesTable(services, terminal));
  for (const { project, service, problems } of services)
    for (const problem of problems) terminal.print(plainLine(`${project}/${service} is held back: ${problem}`));
  for (const service of services)
    for (const why of whyNotScaled(service))
      terminal.print(plainLine(`${service.project}/${service.service} is not scaled: ${why}`));
}
