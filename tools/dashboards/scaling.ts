import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { CHOSEN, counted, grown } from './expressions.ts';
import { choice, dashboardOf, moments, type Row } from './frame.ts';
import { bars, lines, shares } from './kit.ts';

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

const NOBODY = 'no service asks to be scaled';

const wanted: Row = {
  title: 'Auto-scaler',
  panels: [
    lines({
      title: 'Replicas wanted, and its limits',
      description:
        'How many replicas each scaled service shall have now, after windows, rates and limits. A line that lies on its upper limit for long asks for a higher one.',
      unit: 'short',
      width: 12,
      none: NOBODY,
      queries: [
        { expr: `service_replicas_desired{${CHOSEN}}`, legend: `${EACH} wanted` },
        { expr: `service_replicas_min{${CHOSEN}}`, legend: `${EACH} at least` },
        { expr: `service_replicas_max{${CHOSEN}}`, legend: `${EACH} at most` },
      ],
    }),
    lines({
      title: 'Replicas that the load asks for',
      description:
        'What the signals say, before windows, rates and limits: what holds a size back lies between the two.',
      unit: 'short',
      width: 12,
      none: NOBODY,
      queries: [{ expr: `service_replicas_recommended{${CHOSEN}}`, legend: EACH }],
    }),
    bars({
      title: 'Changes of size',
      description: 'When services were made larger and smaller, and what led to it.',
      unit: 'short',
      width: 12,
      none: 'no size was changed',
      queries: [
        {
          expr: `${counted(grown(`scaling_events_total{${CHOSEN}}`, '$__interval'), 'project', 'service', 'direction', 'reason')} > 0`,
          legend: `${EACH} {{direction}}: {{reason}}`,
        },
      ],
    }),
    lines({
      title: 'Signals that could be read',
      description:
        'Whether each signal that a service follows was read last: 1 yes, 0 no. While one is not, the service never shrinks.',
      unit: 'short',
      width: 12,
      none: NOBODY,
      queries: [{ expr: `service_scaling_signal_up{${CHOSEN}}`, legend: `${EACH} {{signal}}` }],
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
      title: 'Free on the host',
      description:
        'Which share of each watched disk, and of the memory, is free. Below 10 % the watchdog makes room, of memory where a service allows it.',
      unit: 'percentunit',
      width: 8,
      none: 'nothing is measured',
      queries: [
        { expr: 'host_disk_free_ratio', legend: '{{path}}' },
        { expr: 'host_memory_available_ratio', legend: 'memory' },
      ],
    }),
  ],
};

/** How large the services are and what they use: what scaling decides on. */
export const scaling: Dashboard = dashboardOf({
  uid: 'scaling',
  title: 'Scaling',
  description: 'How many replicas run, how many there shall be and why, and what each of them uses.',
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
  rows: [sizes, wanted, load],
});
