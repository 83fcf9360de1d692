import { ownContainerId } from '../adapters/own-container.ts';
import type { Loaded } from '../config/load-settings.ts';
import { loadSettingsAndMask } from '../masking.ts';
import type { ExitStatus } from './exit.ts';
import type { Terminal } from './terminal.ts';

/** What every command is given. */
export interface Context {
  readonly terminal: Terminal;
  /** With problems it is what could be understood: enough to ask a running watchdog. */
  settings(): Loaded;
  /** Says how the command ended; fine if it says nothing. */
  finish(status: ExitStatus): void;
}

export function contextFor(terminal: Terminal, finish: (status: ExitStatus) => void): Context {
  const settings = () => loadSettingsAndMask({ env: terminal.env, inContainer: ownContainerId() !== undefined });
  return { terminal, settings, finish };
}
