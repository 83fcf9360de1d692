import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger, LogValues } from '../../../watchdog/adapters/logger.ts';
import type { Finding } from '../../../watchdog/domain/finding.ts';
import { type Incident, keyOf } from '../../../watchdog/domain/incident.ts';
import type { Order } from '../../../watchdog/domain/repair.ts';
import type { DecisionEntry, Ledger } from '../../../watchdog/record/ledger/ledger.ts';
import { openLedger } from '../../../watchdog/record/ledger/open-ledger.ts';

/** A moment all tests count from: 2026-01-31 12:00 UTC. */
export const NOON = Date.UTC(2026, 0, 31, 12);

export interface Place {
  readonly folder: string;
  readonly file: string;
  /** What was logged as an error. */
  readonly errors: { readonly message: string; readonly values: LogValues | undefined }[];
  readonly logger: Logger;
  /** Opens the ledger; closed by `remove`. */
  open(): ReturnType<typeof openLedger>;
  remove(): void;
}

/** A temporary folder with a real SQLite file in it. */
export function aPlace(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'cw-ledger-'));
  const file = join(folder, 'ledger.sqlite');
  const errors: Place['errors'] = [];
  const nothing = () => undefined;
  const logger: Logger = {
    error: (message, values) => errors.push({ message, values }),
    warn: nothing,
    info: nothing,
    debug: nothing,
  };
  const opened: Ledger[] = [];
  return {
    folder,
    file,
    errors,
    logger,
    open: () => {
      const result = openLedger(file, { logger });
      opened.push(result.ledger);
      return result;
    },
    remove: () => {
      for (const ledger of opened) ledger.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const anIncident = (changes: Partial<Incident> = {}): Incident => ({
  project: 'shop',
  service: 'web',
  kind: 'ailing',
  condition: 'unhealthy',
  because: 'its health check fails',
  patients: [{ id: 'c0ffee', name: 'shop-web-1', number: 1 }],
  evidence: { exitCode: 1 },
  since: NOON - 5_000,
  stoppedByHandAt: undefined,
  ...changes,
});

export const anOrder = (changes: Partial<Order> = {}): Order => ({
  project: 'shop',
  service: 'web',
  kind: 'ailing',
  condition: 'unhealthy',
  strategy: 'restart',
  with: {},
  targets: [{ id: 'c0ffee', name: 'shop-web-1', number: 1 }],
  attempt: 1,
  reason: 'unhealthy for 10s',
  asked: false,
  stopTimeout: undefined,
  ...changes,
});

export const aFinding = (changes: Partial<Finding> = {}): Finding => ({
  kind: 'changed',
  target: { project: 'shop', service: 'web' },
  source: 'events',
  at: NOON,
  seenAt: NOON,
  evidence: {},
  ...changes,
});

export const aRefusal = (changes: Partial<DecisionEntry> = {}): DecisionEntry => ({
  finding: aFinding(),
  incident: anIncident(),
  incidentId: '1',
  decision: {
    verdict: 'stand-back',
    order: anOrder(),
    objection: { code: 'cooldown', because: 'repaired a moment ago', until: NOON + 60_000, tell: false },
  },
  at: NOON,
  ...changes,
});

/** Begins and ends a repair of this order at the same moment. */
export function attempted(ledger: Ledger, at: number, order: Order = anOrder()): string {
  const { id } = ledger.openIncident(
    anIncident({ project: order.project, service: order.service, kind: order.kind }),
    at,
  );
  const repair = ledger.beginRepair(order, id, at);
  ledger.endRepair(repair, 'not-healed', 'still-ill', 'still unhealthy', at);
  return repair;
}

export const WEB = keyOf(anIncident());
