import { performance } from 'node:perf_hooks';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** Seconds: from what counts as a stall to the `WATCHDOG_STUCK_AFTER` that ends it by default. */
const STALL_BUCKETS = [1, 2, 5, 10, 30, 60, 120];

/**
 * The few facts about our own process that people look at when we are slow or large. Read at a scrape; no timer runs for them.
 * @returns what is told of as it happens
 */
export function processMetrics(registry: Registry): { readonly stalls: Histogram } {
  const registers = [registry];
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the watchdog',
    registers,
    collect() {
      this.set(process.memoryUsage.rss());
    },
  });
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the watchdog was started, in unix seconds',
    registers,
    collect() {
      this.set(performance.timeOrigin / 1_000);
    },
  });
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time of the watchdog, user and system',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
  let before = performance.eventLoopUtilization();
  new Gauge({
    name: 'nodejs_eventloop_utilization_ratio',
    help: 'Share of the time since the last scrape in which the event loop was busy',
    registers,
    collect() {
      const now = performance.eventLoopUtilization();
      this.set(performance.eventLoopUtilization(now, before).utilization);
      before = now;
    },
  });
  const stalls = new Histogram({
    name: 'watchdog_event_loop_stall_seconds',
    help: 'How long the event loop stood still, of stalls of a second or more',
    buckets: STALL_BUCKETS,
    registers,
  });
  return { stalls };
}
