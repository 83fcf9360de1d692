import type { Command } from 'commander';
import type { IncidentBody } from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit.ts';
import { limit } from './history.ts';
import { plainLine } from './plain.ts';
import { reading } from './source.ts';
import { painted, table, when } from './tell.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  readonly all?: boolean;
  readonly service?: string;
  readonly project?: string;
  readonly limit: number;
  readonly json?: boolean;
}

/** `watchdog incidents`: what is wrong now; with `--all` also what was. Exit status 1 while any of those shown is open. */
export function incidentsCommand(program: Command, context: Context): void {
  program
    .command('incidents')
    .description('show the open incidents, newest first; exit status 1 while there are any')
    .option('--all', 'the resolved ones too')
    .option('--service <name>', 'only this service')
    .option('--project <name>', 'only this Compose project')
    .option('--limit <n>', 'how many, 1 to 500', limit, 20)
    .option('--json', 'print JSON')
    .action(async ({ all, service, project, limit, json }: Options) => {
      const query = {
        limit,
        ...(!all && { open: true }),
        ...(service !== undefined && { service }),
        ...(project !== undefined && { project }),
      };
      const page = await reading(context, source => source.incidents(query));
      const { terminal } = context;
      if (json) terminal.print(toJson(page, 2));
      else if (page.items.length > 0) {
        terminal.print(incidentsTable(page.items, terminal));
        for (const question of page.items.flatMap(incident => questionsOf(incident, terminal)))
          terminal.print(question);
      } else
        terminal.print(
          all ? 'no incidents yet' : 'no open incidents; `watchdog incidents --all` shows the resolved ones',
        );
      if (page.items.some(({ state }) => state !== 'resolved')) context.finish(EXIT.trouble);
    });
}

function incidentsTable(incidents: readonly IncidentBody[], terminal: Terminal): string {
  const mood = {
    opened: 'between',
    repairing: 'between',
    verifying: 'between',
    escalated: 'bad',
    resolved: 'good',
  } as const;
  const rows = incidents.map(incident => [
    incident.id,
    when(incident.openedAt, terminal.now()),
    `${incident.project}/${incident.service}`,
    incident.condition,
    painted(terminal, mood[incident.state], incident.state),
    incident.life.at(-1)?.because ?? incident.because,
  ]);
  return table(['ID', 'OPENED', 'SERVICE', 'CONDITION', 'STATE', 'BECAUSE'], rows);
}

/** What waits for a person's yes, and how to say it. */
const questionsOf = ({ id, approvals }: IncidentBody, terminal: Terminal): string[] =>
  approvals
    .filter(({ standing }) => standing === 'waiting')
    .map(({ order, what, expiresAt }) =>
      plainLine(
        `incident ${id} waits for a yes until ${when(expiresAt, terminal.now())}: ${what}; watchdog approve ${id} --order ${order}`,
      ),
    );
