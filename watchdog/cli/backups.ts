import { Argument, type Command } from 'commander';
import { bytesInWords } from '../domain/bytes.ts';
import { answerShape, type BackupBody } from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import { clientFor, Refused } from './client.ts';
import type { Context } from './context.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { plainLine } from './plain.ts';
import { queryOf, reading } from './source.ts';
import { table, when } from './tell.ts';
import type { Terminal } from './terminal.ts';

interface Options {
  readonly reason?: string;
  readonly json?: boolean;
}

/** `watchdog backups list`, and `watchdog backups restore <id>`, which is the yes to it as well. */
export function backupsCommand(program: Command, context: Context): void {
  program
    .command('backups')
    .description(
      'list the backups of volumes, or put one back: its service is stopped for that, and what is there is kept',
    )
    .addArgument(new Argument('<what>', 'what to do').choices(['list', 'restore']))
    .argument('[id]', 'which one to put back')
    .option('--reason <text>', 'why, for those who read the history')
    .option('--json', 'print JSON')
    .action(async (what: 'list' | 'restore', id: string | undefined, options: Options) => {
      const backups = await reading(context, source => source.backups());
      if (what === 'list') tell(backups, context.terminal, options);
      else await restore(backups, id, context, options);
    });
}

function tell(backups: readonly BackupBody[], terminal: Terminal, { json }: Options): void {
  const rows = backups.map(({ id, project, service, target, bytes, at, whileRunning }) => [
    id,
    when(at, terminal.now()),
    `${project}/${service}`,
    target,
    bytesInWords(bytes),
    whileRunning ? 'while it ran' : 'while it stood still',
  ]);
  if (json) terminal.print(toJson({ items: backups }, 2));
  else if (rows.length === 0)
    terminal.print('no backups yet; watchdog repair SERVICE --strategy backup-volume takes one');
  else terminal.print(table(['ID', 'TAKEN', 'SERVICE', 'PATH', 'SIZE', 'HOW'], rows));
}

async function restore(
  backups: readonly BackupBody[],
  id: string | undefined,
  { settings, terminal }: Context,
  { reason, json }: Options,
): Promise<void> {
  const backup = backups.find(each => each.id === id);
  if (backup === undefined)
    throw new CommandFailed(
      EXIT.usage,
      `there is no backup ${id ?? 'without an id'}; watchdog backups list shows those there are`,
    );
  const { project, service, target } = backup;
  const path = `/repair/${encodeURIComponent(service)}${queryOf({ project })}`;
  const order = { strategy: 'restore-backup', with: { backup: backup.id }, approve: true, reason };
  const answer = await clientFor(settings().settings)
    .ask(answerShape, 'POST', path, order)
    .catch(error => {
      throw error instanceof Refused && error.code === 409
        ? new CommandFailed(EXIT.trouble, `refused: ${error.message}`)
        : error;
    });
  const words = `${backup.id} goes back to ${target} of ${project}/${service}; follow it with: watchdog history --service ${service}`;
  terminal.print(json ? toJson(answer, 2) : plainLine(words));
}
