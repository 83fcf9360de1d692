import type { Ward } from './a-ward.ts';

/** What the repair was, as the engine shows it. */
export type Trace = 'new process' | 'new network' | 'file gone';

/** A real fault, the alert that must fire because of it, and what must come of that. */
export interface Fault {
  readonly what: string;
  readonly alert: string;
  /** Whom the alert is about. */
  readonly service: string;
  /** In how it is broken, a Compose service. The same as `service` where nothing is said. */
  readonly at?: string;
  readonly breaks: (ward: Ward) => Promise<unknown>;
  readonly repair:
    | { readonly strategy: string; readonly condition: string; readonly because: string; readonly trace: Trace }
    /** Left to people: no repair, and they do this once they have heard of it. */
    | {
        readonly refusal: { readonly code: string; readonly because: string } | undefined;
        readonly byPeople: (ward: Ward) => Promise<unknown>;
      };
}

const app = (service: string, trouble: string) => (ward: Ward) => ward.trouble(service, trouble);
const stop = (service: string) => (ward: Ward) => ward.compose(['stop', service]);

/** Repaired because of the alert. */
const repaired = (strategy: string, condition: string, trace: Trace, alert: string) =>
  ({ strategy, condition, because: `the alert ${alert} fires`, trace }) as const;

/** Every kind of repair that an alert can ask for. Each concerns a service of its own, so all can break at once. */
export const FAULTS: readonly Fault[] = [
  {
    what: '5xx are served to real visitors',
    alert: 'HighErrorRate',
    service: 'storefront',
    breaks: async ward => {
      await ward.trouble('storefront', 'errors');
      await ward.compose(['exec', '-d', 'visitor', 'python3', '/ward/visitor.py', 'http://storefront:8000/']);
    },
    repair: repaired('restart', 'alerting', 'new process', 'HighErrorRate'),
  },
  {
    what: 'memory is filled to its limit',
    alert: 'HighMemoryUsage',
    service: 'catalogue',
    breaks: app('catalogue', 'memory'),
    repair: repaired('restart', 'high-memory', 'new process', 'HighMemoryUsage'),
  },
  {
    what: 'CPU is burnt',
    alert: 'HighCPUUsage',
    service: 'thumbnails',
    breaks: app('thumbnails', 'cpu'),
    repair: repaired('restart', 'high-cpu', 'new process', 'HighCPUUsage'),
  },
  {
    what: '90 connections to PostgreSQL are held by an application',
    alert: 'DatabaseConnectionsHigh',
    service: 'orders',
    breaks: app('orders', 'connections'),
    repair: repaired('restart', 'alerting', 'new process', 'DatabaseConnectionsHigh'),
  },
  {
    what: 'the kernel drops packets on a network interface',
    alert: 'NetworkErrors',
    service: 'courier',
    breaks: app('courier', 'packets'),
    repair: repaired('reconnect-networks', 'network-errors', 'new network', 'NetworkErrors'),
  },
  {
    what: 'old logs fill a disk',
    alert: 'DiskSpaceLow',
    service: 'disk:/watched',
    at: 'scribe',
    breaks: app('scribe', 'disk'),
    repair: repaired('cleanup', 'disk-low', 'file gone', 'DiskSpaceLow'),
  },
  {
    what: 'an alert of one’s own names a playbook of one’s own',
    alert: 'ShopOrdersStuck',
    service: 'till',
    breaks: app('till', 'stuck'),
    repair: repaired('clean-restart', 'alerting', 'new process', 'ShopOrdersStuck'),
  },
  {
    what: 'a service is stopped by hand',
    alert: 'ContainerDown',
    service: 'counter',
    breaks: stop('counter'),
    repair: { strategy: 'start', condition: 'exited', because: 'was stopped by hand', trace: 'new process' },
  },
  {
    what: 'the only Celery worker of a queue is stopped',
    alert: 'CeleryWorkerDown',
    service: 'reporter',
    breaks: stop('reporter'),
    repair: { strategy: 'start', condition: 'exited', because: 'was stopped by hand', trace: 'new process' },
  },
  {
    what: '1,500 tasks wait in a Celery queue, and nothing says how many workers it may have',
    alert: 'CeleryQueueBacklog',
    service: 'postman',
    breaks: ward => ward.exec('postman', 'python3', 'tasks.py', 'mails', '1500'),
    repair: {
      refusal: {
        code: 'no-change',
        because: 'the alert CeleryQueueBacklog asks for scale: scale has to be told a number',
      },
      byPeople: ward =>
        ward.exec('postman', 'python3', '-m', 'celery', '--app', 'tasks', 'purge', '--force', '--queues', 'mails'),
    },
  },
  {
    what: 'an address answers a probe with an error',
    alert: 'ProbeFailing',
    service: 'door',
    breaks: app('door', 'errors'),
    repair: { refusal: undefined, byPeople: ward => ward.compose(['restart', 'door']) },
  },
];
