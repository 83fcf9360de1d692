import { CommandFailed, EXIT, type ExitStatus } from './exit.ts';
import { plain } from './plain.ts';
import type { Terminal } from './terminal.ts';

/** By name, because asking for their classes would load every room for the shortest command. */
const STATUS_BY_NAME: Readonly<Record<string, ExitStatus>> = {
  EngineError: EXIT.unreachable,
  LedgerError: EXIT.usage,
  ListenError: EXIT.usage,
  Problem: EXIT.usage,
  StartError: EXIT.usage,
  TokenError: EXIT.usage,
};

/** Tells what ended the command, with a stack only where nobody has foreseen it. @returns the exit status it stands for */
export function explainFailure(error: unknown, terminal: Pick<Terminal, 'remark'>): ExitStatus {
  terminal.remark(plain(error instanceof Error ? error.message : String(error)));
  if (error instanceof CommandFailed) return error.status;
  const known = STATUS_BY_NAME[error instanceof Error ? error.name : ''];
  if (known === undefined && error instanceof Error) terminal.remark(plain(error.stack ?? ''));
  return known ?? EXIT.trouble;
}
