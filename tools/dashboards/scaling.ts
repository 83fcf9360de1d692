import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { CHOSEN } from './expressions.ts';
import { choice, dashboardOf, moments, type Row } from './frame.ts';
import { lines, shares } from './kit.ts';

const EACH = '{{project}}/{{service}}';
const REPLICA = '{{project}}/{{service}} {{replica}}';

const sizes: Row = {
  title: 'Sizes',
  panels: [
    lines({
      title: 'Replicas',
      description: 'How many containers of each service run.',
      unit: 'short',
      width: 12,
      queries: [{ expr: `service_replicas{${CHOSEN}}`, legend: EACH }],
    }),
    lines({
      title: 'Replicas that are down',
      description: 'Containers that should run and do not. One-shots that are done are not among them.',
      unit: 'short',
      width: 12,
      queries: [{ expr: `service_replicas_down{${CHOSEN}}`, legend: EACH }],
    }),
  ],
};

const load: Row = {
  title: 'Load',
  panels: [
    shares({
      title: 'Processor use by replica',
      description: 'Which share of its own limit each container uses; of all cores where it has none.',
      unit: 'percentunit',
      width: 12,
      queries: [{ expr: `service_cpu_usage_ratio{${CHOSEN}}`, legend: REPLICA }],
    }),
    shares({
      title: 'Memory use by replica',
      description:
        'Which share of its own limit each container uses; of the machine where it has none. Page cache is not in it.',
      unit: 'percentunit',
      width: 12,
      queries: [{ expr: `service_memory_usage_ratio{${CHOSEN}}`, legend: REPLICA }],
    }),
    lines({
      title: 'Memory by replica',
      description:
        'What each container keeps in memory. A line that climbs until it breaks off is a leak, or a limit that is too low.',
      unit: 'bytes',
      width: 12,
      queries: [{ expr: `service_memory_usage_bytes{${CHOSEN}}`, legend: REPLICA }],
    }),
    lines({
      title: 'Network errors by replica',
      description: 'Errors and drops a second, received and sent.',
      unit: 'short',
      width: 12,
      queries: [{ expr: `rate(service_network_errors_total{${CHOSEN}}[$__rate_interval])`, legend: REPLICA }],
    }),
    lines({
      title: 'Killed for memory',
      description:
        'How often the kernel killed a process of each service in the last hour, for want of memory: raise its limit.',
      unit: 'short',
      width: 8,
      queries: [{ expr: `round(increase(service_oom_kills_total{${CHOSEN}}[1h]))`, legend: EACH }],
    }),
    lines({
      title: 'Restarts by the engine',
      description:
        'How often the restart policy of the engine has restarted each service in the last hour, without the watchdog.',
      unit: 'short',
      width: 8,
      queries: [{ expr: `round(increase(service_restarts_total{${CHOSEN}}[1h]))`, legend: EACH }],
    }),
    lines({
      title: 'Free on watched disks',
      description: 'Which share of each watched disk is free. Below 10 % the watchdog makes room.',
      unit: 'percentunit',
      width: 8,
      none: 'no disk is watched',
      queries: [{ expr: 'host_disk_free_ratio', legend: '{{path}}' }],
    }),
  ],
};

/** How large the services are and what they use: what scaling decides on. */
export const scaling: Dashboard = dashboardOf({
  uid: 'scaling',
  title: 'Scaling',
  description: 'How many replicas run, and what each of them uses.',
  variables: [
    choice('project', 'Project', 'label_values(service_replicas, project)'),
    choice('service', 'Service', 'label_values(service_replicas{project=~"$project"}, service)'),
  ],
  annotations: [
    moments(
      'New container',
      `service_created_timestamp{${CHOSEN}}`,
      'purple',
      '{{project}}/{{service}}: a deploy, or a repair',
    ),
  ],
  rows: [sizes, load],
});
