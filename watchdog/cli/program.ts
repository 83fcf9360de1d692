import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { approveCommand, refuseCommand } from './approve.ts';
import { backupsCommand } from './backups.ts';
import { checkCommand } from './check.ts';
import { type Context, contextFor } from './context.ts';
import { errorsCommand } from './errors.ts';
import { EXIT, type ExitStatus } from './exit.ts';
import { explainCommand } from './explain.ts';
import { explainFailure } from './explain-failure.ts';
import { historyCommand } from './history.ts';
import { incidentsCommand } from './incidents.ts';
import { notifyCommand } from './notify.ts';
import { pauseCommand } from './pause.ts';
import { plain } from './plain.ts';
import { repairCommand } from './repair.ts';
import { reportCommand } from './report.ts';
import { resumeCommand } from './resume.ts';
import { runCommand } from './run.ts';
import { scaleCommand } from './scale.ts';
import { statusCommand } from './status.ts';
import type { Terminal } from './terminal.ts';
import { tokenCommand } from './token.ts';

/** Every command, in the order in which `--help` shows them. A new one is one file and one line here. */
const COMMANDS: readonly ((program: Command, context: Context) => void)[] = [
  runCommand,
  checkCommand,
  statusCommand,
  explainCommand,
  repairCommand,
  pauseCommand,
  resumeCommand,
  historyCommand,
  reportCommand,
  incidentsCommand,
  approveCommand,
  refuseCommand,
  errorsCommand,
  backupsCommand,
  scaleCommand,
  notifyCommand,
  tokenCommand,
];

const AFTER = `
Beside a running watchdog the commands ask it (WATCHDOG_HOST, WATCHDOG_PORT, and its token); without one, check, status,
explain, history, report, incidents, backups list and scale work alone.

Exit status: 0 fine, 1 trouble found, 2 usage or configuration, 3 the engine or the running watchdog cannot be reached.`;

/** Runs the command that the arguments name. Never throws: what goes wrong is told on stderr and is in the exit status. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<ExitStatus> {
  let status: ExitStatus = EXIT.fine;
  const context = contextFor(terminal, ended => {
    status = ended;
  });
  const program = new Command('watchdog')
    .description('Heals the services of Docker Compose projects, within the limits you set.')
    .version(version())
    .exitOverride()
    .showHelpAfterError('(add --help for what is possible)')
    .configureOutput({
      writeOut: text => terminal.print(text.trimEnd()),
      writeErr: text => terminal.remark(plain(text.trimEnd())),
    })
    .addHelpText('after', AFTER);
  for (const command of COMMANDS) command(program, context);
  try {
    await program.parseAsync(args, { from: 'user' });
    return status;
  } catch (error) {
    return failed(error, terminal);
  }
}

function failed(error: unknown, terminal: Terminal): ExitStatus {
  // Commander has told it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  return explainFailure(error, terminal);
}

function version(): string {
  const file = join(import.meta.dirname, '..', '..', 'package.json');
  return String(JSON.parse(readFileSync(file, 'utf8')).version);
}
