import type { Clock } from './adapters/clock.ts';
import type { Watchdog } from './assemble.ts';
import { policyFor } from './config/policy-for.ts';
import type { Settings } from './config/settings.ts';
import type { Policy } from './domain/policy.ts';
import type { QueueFill } from './domain/queue-fill.ts';
import type { ServiceRef } from './domain/service.ts';
import { MOST_FINDINGS } from './lanes.ts';
import { EARLY_LIMIT } from './observe/engine-watch.ts';
import type { StackKeeper } from './observe/stack-keeper.ts';
import { type AlertLedger, WAITING_LIMIT } from './record/ledger/alerts.ts';
import type { Ledger } from './record/ledger/ledger.ts';
import { type Outbox, QUEUE_LIMIT } from './record/ledger/outbox.ts';
import { limitsOf } from './record/limits.ts';
import type { Standing } from './record/metrics.ts';
import { healthOf } from './view.ts';

interface StandingSources {
  readonly settings: { readonly current: Settings };
  readonly ledger: Ledger;
  readonly alerts: Pick<AlertLedger, 'waitingNow'>;
  readonly outbox: Pick<Outbox, 'waitingNow'>;
  readonly queues: readonly (() => QueueFill)[];
  readonly clock: Pick<Clock, 'now'>;
}

/** How things stand, for a scrape. */
export const standingOf = (sources: StandingSources, watchdog: Watchdog): Standing => {
  const { settings, ledger, clock } = sources;
  const { stack, sizes, measuring } = watchdog;
  return {
    services: () => stack.services(),
    openIncidents: () => ledger.incidents({ limit: 500, open: true }).items,
    limits: () => limitsOf(ledger, ref => policyOf(settings.current, ref, stack), clock.now()),
    // Three times without a new one: it is not measured any more.
    measuredSince: () => clock.now() - 3 * stack.sampledEvery,
    disks: () => stack.disks(),
    memory: () => stack.memory(),
    sizes: () => sizes.all(clock.now()),
    dockerDisk: () => measuring.dockerDisk ?? {},
    checks: () => healthOf(ledger, watchdog),
    queues: () => queuesOf(sources, watchdog),
  };
};

/** Throws `LedgerError`. */
function queuesOf({ alerts, outbox, queues, clock }: StandingSources, watchdog: Watchdog): readonly QueueFill[] {
  const { stack, lanes, slots, sizes, watch } = watchdog;
  const services = [...stack.services()];
  const disks = [...stack.disks()].length;
  const containers = services.reduce((total, { replicas }) => total + replicas.length, 0);
  // A service that grows makes several at once, each a repair of its own.
  const toBe = [...sizes.all(clock.now())].reduce((total, { sizing }) => total + sizing.wanted, 0);
  return [
    // The host's own lanes are among them: the engine, and a disk for each watched path.
    { queue: 'lanes', fill: lanes.waiting, limit: (services.length + 1 + disks) * MOST_FINDINGS },
    { queue: 'slots', fill: slots.waitingForOne, limit: containers + disks + toBe },
    { queue: 'early-events', fill: watch.early, limit: EARLY_LIMIT },
    { queue: 'alerts', fill: alerts.waitingNow(), limit: WAITING_LIMIT },
    ...[...outbox.waitingNow()].map(([channel, fill]) => ({ queue: `outbox-${channel}`, fill, limit: QUEUE_LIMIT })),
    ...queues.map(fillOf => fillOf()),
  ];
}

/** What holds for the service now. */
export const policyOf = (
  settings: Settings,
  ref: ServiceRef,
  stack: Pick<StackKeeper, 'service'> | undefined,
): Policy => policyFor(settings, ref, stack?.service(ref)?.replicas[0]?.labels ?? {}).policy;
