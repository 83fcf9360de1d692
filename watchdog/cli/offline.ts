import { existsSync } from 'node:fs';
import type { Logger } from '../adapters/logger.ts';
import type { Env } from '../config/read-env.ts';
import type { Settings } from '../config/settings.ts';
import type { OpenLedger } from '../record/ledger/open-ledger.ts';
import type { WatchdogView } from '../serve/watchdog-view.ts';
import { CommandFailed, EXIT } from './exit.ts';

/** A watchdog opened for one look: it reads engine and ledger, and starts nothing. Throws `EngineError`, `StartError`. */
export async function openOffline(env: Env): Promise<{ readonly view: WatchdogView; close(): Promise<void> }> {
  // Imported only when it is needed: it pulls in the whole house.
  const { openView } = await import('../main.ts');
  return openView({ ...env });
}

/** The memory that a watchdog left in the data folder. Throws `CommandFailed` when there is none: reading must not begin one. */
export async function openMemory(settings: Settings): Promise<OpenLedger> {
  const { ledgerPath, openLedger } = await import('../record/ledger/open-ledger.ts');
  const file = ledgerPath(settings.dataFolder);
  if (!existsSync(file))
    throw new CommandFailed(EXIT.unreachable, `no watchdog is running, and none has left its ledger at ${file}`);
  return openLedger(file, { logger: silent });
}

const silent: Logger = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };
