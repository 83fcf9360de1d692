import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { backupStore } from '../../watchdog/adapters/backup-store.ts';
import type { Clock } from '../../watchdog/adapters/clock.ts';
import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import type { Logger } from '../../watchdog/adapters/logger.ts';
import { assemble, type Watchdog } from '../../watchdog/assemble.ts';
import { loadSettings } from '../../watchdog/config/load-settings.ts';
import type { Settings } from '../../watchdog/config/settings.ts';
import { NO_ALERTS } from '../../watchdog/domain/alert.ts';
import type { Scope } from '../../watchdog/domain/decision.ts';
import type { News } from '../../watchdog/domain/news.ts';
import { hours } from '../../watchdog/domain/time.ts';
import { KeptAlertBook } from '../../watchdog/observe/alert-book.ts';
import { type Receiving, receive } from '../../watchdog/receive.ts';
import type { AlertLedger } from '../../watchdog/record/ledger/alerts.ts';
import type { Ledger } from '../../watchdog/record/ledger/ledger.ts';
import { IN_MEMORY } from '../../watchdog/record/ledger/ledger-file.ts';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { readAlerts } from '../../watchdog/serve/alert-body.ts';
import { settled } from '../fakes/fake-clock.ts';
import { ROOMY } from '../fakes/needs.ts';
import { type Mortal, mortalAlerts, mortalClock, mortalDocker, mortalLedger } from '../walks/mortal.ts';

/** A real file, in memory where there is such a folder. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** What the operator has brought along: a strategy that touches data, and a playbook that names it. */
const OWN = join(import.meta.dirname, 'own');

export interface LivesParts {
  readonly env: Readonly<Record<string, string>>;
  readonly scope: Scope;
  readonly docker: Docker;
  /** Whether alerts come in: where none do, nobody need look for them at each round. */
  readonly alerted: boolean;
  /** How many items wait in a queue, by the name of its list. */
  readonly queueOf: (list: string) => number;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: Logger;
  readonly report: (news: News) => void;
  /** Wraps what this life writes, to witness it. */
  readonly witnessed: (ledger: Ledger) => Ledger;
}

interface Life {
  alive: boolean;
  readonly watchdog: Watchdog;
  readonly receiving: Receiving;
  readonly stop: AbortController;
  /** Fires at its death: the engine sees the connection close. */
  readonly over: AbortController;
}

/** One watchdog after the other on the same ledger. */
export class Lives {
  readonly ledger: Ledger;
  readonly alerts: AlertLedger;
  readonly settings: Settings;
  readonly #parts: LivesParts;
  readonly #folder = mkdtempSync(join(MEMORY, 'cw-simulation-'));
  #life: Life | undefined;
  /** Every write fails, as the ledger itself would say it. */
  ledgerFails = false;
  queuesFail = false;
  #stepsToLive: { steps: number; readonly phase: 'before' | 'after'; readonly died: () => void } | undefined;

  constructor(parts: LivesParts) {
    this.#parts = parts;
    const { ledger, alerts } = openLedger(IN_MEMORY, { logger: parts.logger });
    this.ledger = ledger;
    this.alerts = alerts;
    const env = { WATCHDOG_DATA: this.#folder, WATCHDOG_CONFIG: '', ...parts.env };
    const { settings, problems } = loadSettings({ env, inContainer: false });
    if (problems.length > 0) throw new Error(JSON.stringify(problems));
    this.settings = {
      ...settings,
      strategiesFolder: join(OWN, 'strategies'),
      playbookFolders: [join(OWN, 'playbooks')],
      approvals: { ...settings.approvals, wait: hours(2) },
    };
  }

  /** The one that lives, if any. */
  get watchdog(): Watchdog | undefined {
    return this.#life?.alive ? this.#life.watchdog : undefined;
  }

  /** Starts one on what the ledger knows, unless one lives. */
  async start(): Promise<void> {
    if (this.watchdog !== undefined) return;
    const { docker, alerted, queueOf, clock, random, logger, report, scope, witnessed } = this.#parts;
    const over = new AbortController();
    const state = { alive: true };
    const mortal: Mortal = {
      isAlive: () => state.alive,
      canWrite: () => !this.ledgerFails,
      step: phase => this.#step(phase),
    };
    const engine = mortalDocker(untilOver(docker, over.signal), mortal);
    const parts = {
      read: engine,
      ledger: mortalLedger(witnessed(this.ledger), mortal),
      report,
      clock: mortalClock(clock, mortal),
      logger: { error: said(logger.error, state), warn: said(logger.warn, state), info: nothing, debug: nothing },
    };
    const alerts = mortalAlerts(this.alerts, mortal);
    const book = new KeptAlertBook(alerts);
    const metrics = { alertsTaken: nothing };
    const receiving = receive({ ...parts, alerts, book, metrics, prometheus: () => undefined });
    const watchdog = await assemble({
      ...parts,
      settings: () => this.settings,
      act: engine,
      alerts: alerted ? book : NO_ALERTS,
      files: {
        freeSpace: async () => ROOMY,
        removeOldLogs: async () => 0,
        memory: async () => ({ total: 8e9, available: 6e9 }),
      },
      backups: backupStore(join(tmpdir(), 'cw-simulation-has-none')),
      queues: async address => {
        if (this.queuesFail) throw new Error('connect ECONNREFUSED 172.18.0.2:6379');
        return queueOf(address.split('#')[1] ?? '');
      },
      logs: undefined,
      query: () => undefined,
      scope,
      metrics: { roundTook: () => alerted && receiving.round(), eventGap: nothing, oomKilled: nothing },
      random,
      importStrategy: file => import(pathToFileURL(file).href),
    });
    if (alerted) receiving.attendWith(watchdog);
    const life: Life = Object.assign(state, { watchdog, receiving, stop: new AbortController(), over });
    this.#life = life;
    void watchdog.run(life.stop.signal).then(() => this.#end(life));
    await settled();
  }

  /** The body of a delivery of Alertmanager. Throws unless it was taken: nobody listens, it cannot be queued, the watchdog dies over it. */
  deliver(body: Buffer): void {
    if (!this.#life?.alive) throw new Error('connect ECONNREFUSED');
    this.#life.receiving.inbox.take(readAlerts(body).alerts);
  }

  /** Somebody wants a repair. Who asked a watchdog that dies over it is never answered. */
  ask(...wish: Parameters<Watchdog['ask']>): void {
    const life = this.#life;
    if (!life?.alive) return;
    life.watchdog.ask(...wish).catch(error => {
      if (life.alive) throw error;
    });
  }

  /** SIGKILL after so many steps from now on. `died` is told. */
  dieIn(steps: number, phase: 'before' | 'after', died: () => void): void {
    this.#stepsToLive ??= { steps, phase, died };
  }

  /** SIGTERM; what is under way may end. */
  terminate(): void {
    this.#life?.stop.abort(new Error('told to stop'));
  }

  /** SIGKILL, now. */
  kill(): void {
    if (this.#life !== undefined) this.#end(this.#life);
  }

  close(): void {
    this.kill();
    this.ledger.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #step(phase: 'before' | 'after'): void {
    const death = this.#stepsToLive;
    if (death === undefined || death.phase !== phase || this.watchdog === undefined) return;
    death.steps -= 1;
    if (death.steps > 0) return;
    this.#stepsToLive = undefined;
    this.kill();
    death.died();
  }

  #end(life: Life): void {
    life.alive = false;
    life.over.abort();
  }
}

/** The engine lets go of a stream whose reader is dead; without that every death would leave one behind. */
const untilOver = (docker: Docker, over: AbortSignal): Docker => ({
  ...docker,
  events: options => docker.events({ ...options, signal: AbortSignal.any([options.signal, over]) }),
});

const nothing = (): void => undefined;

/** The dead say nothing. */
const said =
  (say: Logger['error'], state: { readonly alive: boolean }): Logger['error'] =>
  (message, values) => {
    if (state.alive) say(message, values);
  };
