import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { GATE_CODES } from '../domain/decision.ts';
import type { QueueFill } from '../domain/queue-fill.ts';
import { type Order, type Outcome, sizeChangeIn } from '../domain/repair.ts';
import type { Service, ServiceRef } from '../domain/service.ts';
import type { SizeNow } from '../domain/size.ts';
import type { Duration, Instant } from '../domain/time.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Limit } from './limits.ts';
import { LogTallies } from './log-tallies.ts';
import { type Measured, measuredText } from './measured-metrics.ts';
import { incidentsText, limitsText, type OpenIncident, servicesText, talliesText } from './mirrored-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { checksText, queuesText } from './self-metrics.ts';
import { ServiceTallies } from './service-tallies.ts';
import { sizesText } from './size-metrics.ts';

/** How things stand, asked at a scrape and not before: thousands of services cost nothing in between. */
export interface Standing extends Measured {
  readonly services: () => Iterable<Service>;
  /** May throw `LedgerError`, and `limits` as well: then only its own metrics are missing from the page. */
  readonly openIncidents: () => readonly OpenIncident[];
  readonly limits: () => readonly Limit[];
  /** By what is checked of the watchdog itself: a sentence where something is wrong. */
  readonly checks: () => Readonly<Record<string, string | undefined>>;
  /** May throw `LedgerError` as well. */
  readonly queues: () => readonly QueueFill[];
  /** Of the services that are scaled. */
  readonly sizes: () => Iterable<SizeNow>;
}

/** What the watchdog counts about its work. The names are a contract: INTERFACE, Metrics. */
export interface Metrics {
  decided(verdict: string, code: string): void;
  /** `answer`: `asked`, or what a person said. */
  approval(strategy: string, answer: string): void;
  /** An incident was opened, this long after the trouble began. */
  incidentOpened(ref: ServiceRef, detectedAfter: Duration): void;
  /** It was resolved, this long after the trouble began. */
  incidentResolved(ref: ServiceRef, recoveredAfter: Duration): void;
  repairEnded(order: Order, outcome: Outcome, at: Instant): void;
  roundTook(seconds: number): void;
  /** `code`: `ok`, an HTTP status, or why there was no answer. */
  engineAsked(endpoint: string, code: string): void;
  /** Events may have been missed: the stream broke off, and what it left out was listed instead. */
  eventGap(): void;
  ledgerFailed(): void;
  /** The event loop stood still for so long. */
  stalled(took: Duration): void;
  /** The engine said that the kernel killed a process of the service for want of memory. */
  oomKilled(ref: ServiceRef): void;
  notified(channel: string, result: string, times: number): void;
  /** What became of alerts from outside. */
  alertsTaken(status: string, result: string, times: number): void;
  /** What was read of logs. */
  readonly logs: Pick<LogTallies, 'linesRead' | 'gap' | 'errorFound'>;
  /** Failures and the last repair of each service, from before this process. Once, at start. Throws `LedgerError`. */
  recall(ledger: Pick<Ledger, 'repairs' | 'incidents'>): void;
  /** From now on scrapes show how things stand. */
  mirror(standing: Standing): void;
  readonly contentType: string;
  /** The page for Prometheus. */
  metrics(): Promise<string>;
}

/** Seconds: events are seen within milliseconds, what only a round finds within `WATCHDOG_INTERVAL`. */
const DETECTION_BUCKETS = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
/** Seconds: settle time and start-up of a service count. */
const RECOVERY_BUCKETS = [1, 2.5, 5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 1_800, 3_600];
const ROUND_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts in a registry of its own. */
export function createMetrics({ version }: { readonly version: string }): Metrics {
  const registry = new Registry();
  const own = ownMetrics(registry, version);
  beginAtZero(own.decisions);
  const { stalls } = processMetrics(registry);
  const [tallies, logs] = [new ServiceTallies(), new LogTallies()];
  let standing: Standing | undefined;
  const failed = () => own.ledgerErrors.inc();
  const mirrored = (): readonly string[] => {
    if (!standing) return [talliesText(tallies.all()), logs.text()];
    const { services, openIncidents, limits, sizes, checks, queues } = standing;
    const present = [...services()];
    for (const counts of [tallies, logs]) counts.keepOnly(present);
    return [
      servicesText(present, ref => tallies.oomKills(ref)),
      talliesText(tallies.all()),
      logs.text(),
      measuredText(standing, present),
      sizesText([...sizes()]),
      unlessItFails(() => incidentsText(openIncidents()), failed),
      unlessItFails(() => limitsText(limits()), failed),
      checksText(checks()),
      unlessItFails(() => queuesText(queues()), failed),
    ];
  };

  return {
    decided: (verdict, code) => {
      own.decisions.inc({ verdict, code });
    },
    approval: (strategy, answer) => own.approvals.inc({ strategy, answer }),
    incidentOpened: (ref, detectedAfter) => {
      own.detection.observe(detectedAfter / 1_000);
      tallies.fellIll(ref);
    },
    incidentResolved: (ref, recoveredAfter) => {
      own.recovery.observe(recoveredAfter / 1_000);
      tallies.isHealthy(ref);
    },
    repairEnded: (order, outcome, at) => {
      tallies.repairEnded(order, outcome, at);
      if (outcome === 'healed') countScaling(own.scalings, order);
    },
    roundTook: seconds => own.rounds.observe(seconds),
    engineAsked: (endpoint, code) => own.engineRequests.inc({ endpoint, code }),
    eventGap: () => own.eventGaps.inc(),
    ledgerFailed: () => own.ledgerErrors.inc(),
    stalled: took => stalls.observe(took / 1_000),
    oomKilled: ref => tallies.oomKilled(ref),
    notified: (channel, result, times) => own.notifications.inc({ channel, result }, times),
    alertsTaken: (status, result, times) => own.alerts.inc({ status, result }, times),
    logs,
    recall: ledger => tallies.recall(ledger),
    mirror: given => {
      standing = given;
    },
    contentType: registry.contentType,
    metrics: async () => [...mirrored(), await registry.metrics()].join('\n'),
  };
}

function unlessItFails(text: () => string, failed: () => void): string {
  try {
    return text();
  } catch {
    failed();
    return '';
  }
}

/** Only a size names from how many to how many it goes. */
function countScaling(scalings: Counter<'project' | 'service' | 'direction' | 'reason'>, order: Order): void {
  const change = sizeChangeIn(order);
  if (change === undefined) return;
  const { project, service } = order;
  scalings.inc({ project, service, direction: change.direction, reason: change.reason });
}

/** Or Prometheus would see no increase in the first objection of each gate. */
function beginAtZero(decisions: Counter<'verdict' | 'code'>): void {
  for (const code of GATE_CODES) decisions.inc({ verdict: 'stand-back', code }, 0);
}

function ownMetrics(registry: Registry, version: string) {
  const registers = [registry];
  const counter = <Label extends string = never>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name, help, labelNames, registers });
  new Gauge({
    name: 'watchdog_build_info',
    help: 'Version of the watchdog and of Node.js',
    labelNames: ['version', 'node'],
    registers,
  }).set({ version, node: process.versions.node }, 1);
  return {
    decisions: counter('watchdog_decisions_total', 'Decisions, by verdict and by the code of the gate that objected', [
      'verdict',
      'code',
    ]),
    approvals: counter('watchdog_approvals_total', 'Questions to people and their answers, by what would be done', [
      'strategy',
      'answer',
    ]),
    detection: new Histogram({
      name: 'watchdog_detection_seconds',
      help: 'From the beginning of the trouble to its incident',
      buckets: DETECTION_BUCKETS,
      registers,
    }),
    recovery: new Histogram({
      name: 'watchdog_recovery_seconds',
      help: 'From the beginning of the trouble to the proof that it is over',
      buckets: RECOVERY_BUCKETS,
      registers,
    }),
    rounds: new Histogram({
      name: 'watchdog_round_duration_seconds',
      help: 'How long a round over all services takes',
      buckets: ROUND_BUCKETS,
      registers,
    }),
    engineRequests: counter('watchdog_docker_requests_total', 'Requests to the engine that have ended', [
      'endpoint',
      'code',
    ]),
    eventGaps: counter('watchdog_event_gaps_total', 'Times the event stream broke off or may have left something out'),
    scalings: counter(
      'scaling_events_total',
      'Changes of the number of replicas that were carried out, by direction and by what led to them',
      ['project', 'service', 'direction', 'reason'],
    ),
    notifications: counter(
      'watchdog_notifications_total',
      'Messages to people, by channel and by what became of them; retried counts tries that failed',
      ['channel', 'result'],
    ),
    alerts: counter(
      'watchdog_webhook_alerts_total',
      'Alerts from outside, by their status and by what became of them',
      ['status', 'result'],
    ),
    ledgerErrors: counter('watchdog_ledger_errors_total', 'Reads and writes of the ledger that failed'),
  };
}
