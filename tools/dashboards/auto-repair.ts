import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { againstUsual, CHOSEN, counted, grown, mean, quantile } from './expressions.ts';
import { choice, dashboardOf, moments, type Row } from './frame.ts';
import { bars, lines, list, MORE_IS_GOOD, NONE_IS_GOOD, PLAIN, ranking, stat, states } from './kit.ts';

const REPAIRS = `repair_attempts_total{${CHOSEN}}`;
const HEALED = `repair_attempts_total{${CHOSEN},success="true"}`;
const ERRORS = `container_errors_total{${CHOSEN}}`;

/** What is stopped may be done; `service_replicas_down` knows. */
const SICK = `service_health_status{${CHOSEN},status=~"unhealthy|restarting|dead"}`;

/** The statuses of `service_health_status`, best first; the number is what the timeline draws. */
const STATUSES = [
  { status: 'healthy', text: 'healthy', color: 'green' },
  { status: 'running', text: 'running', color: 'semi-dark-green' },
  { status: 'starting', text: 'starting', color: 'blue' },
  { status: 'paused', text: 'paused', color: 'purple' },
  { status: 'unhealthy', text: 'unhealthy', color: 'orange' },
  { status: 'restarting', text: 'restarting', color: 'dark-orange' },
  { status: 'exited', text: 'stopped', color: 'red' },
  { status: 'dead', text: 'dead', color: 'dark-red' },
] as const;

/** Each service's present status as its number in the list: only one of the terms is not 0. */
const statusNumber = `sum by (project, service) (${STATUSES.map(
  ({ status }, index) => `service_health_status{${CHOSEN},status="${status}"} * ${index + 1}`,
).join(' or ')})`;

const now: Row = {
  title: 'How things stand',
  panels: [
    stat(
      {
        title: 'Services well',
        description: 'How many services run, and are healthy where they have a health check.',
        unit: 'short',
        width: 4,
        queries: [{ expr: `sum(service_health_status{${CHOSEN},status=~"healthy|running"})`, legend: 'well' }],
      },
      PLAIN,
    ),
    stat(
      {
        title: 'Services in trouble',
        description: 'How many do not run and should, or are not healthy. What is done and may rest is not among them.',
        unit: 'short',
        width: 4,
        queries: [
          {
            expr: `count(max by (project, service) (${SICK} == 1 or service_replicas_down{${CHOSEN}} > 0)) or vector(0)`,
            legend: 'in trouble',
          },
        ],
      },
      NONE_IS_GOOD,
    ),
    stat(
      {
        title: 'Open incidents',
        description: 'What the watchdog holds to be wrong now, on the whole host. `watchdog incidents` names them.',
        unit: 'short',
        width: 4,
        queries: [{ expr: 'sum(watchdog_incidents_open)', legend: 'open' }],
      },
      NONE_IS_GOOD,
    ),
    stat(
      {
        title: 'Waiting for people',
        description:
          'Incidents that the watchdog has given up. Each needs somebody: `watchdog explain SERVICE` says why.',
        unit: 'short',
        width: 4,
        queries: [{ expr: `count(watchdog_incidents_escalated{${CHOSEN}}) or vector(0)`, legend: 'given up' }],
      },
      NONE_IS_GOOD,
    ),
    stat(
      {
        title: 'Repairs',
        description: 'How many repairs have ended in the time shown.',
        unit: 'short',
        width: 4,
        none: 'none',
        queries: [{ expr: counted(grown(REPAIRS, '$__range')), legend: 'repairs' }],
      },
      PLAIN,
    ),
    stat(
      {
        title: 'Success',
        description: 'The share of those repairs after which the service was well and stayed so.',
        unit: 'percentunit',
        width: 4,
        none: 'no repairs',
        queries: [
          {
            expr: `(sum(${grown(HEALED, '$__range')}) or vector(0)) / (sum(${grown(REPAIRS, '$__range')}) > 0)`,
            legend: 'success',
          },
        ],
      },
      MORE_IS_GOOD,
    ),
  ],
};

const health: Row = {
  title: 'Health',
  panels: [
    states(
      {
        title: 'Service health overview',
        description:
          'What state each service was in, by its worst container. The blue marks are repairs, the purple ones new containers. What is done and may rest is shown as stopped, too.',
        unit: 'short',
        width: 16,
        queries: [{ expr: statusNumber, legend: '{{project}}/{{service}}' }],
      },
      Object.fromEntries(STATUSES.map(({ text, color }, index) => [index + 1, { text, color, index }])),
    ),
    list(
      {
        title: 'Given up',
        description: 'Which incidents are open and no longer tried. Mend the cause, then `watchdog resume SERVICE`.',
        unit: 'short',
        width: 8,
        none: 'nothing waits for people',
        queries: [{ expr: `watchdog_incidents_escalated{${CHOSEN}}`, legend: '{{project}}/{{service}}' }],
      },
      ['project', 'service', 'kind'],
    ),
    lines({
      title: 'Open incidents by kind',
      description: 'Whether trouble comes and goes or stays. `ailing` is services, `host` the engine and the disks.',
      unit: 'short',
      width: 12,
      queries: [{ expr: 'watchdog_incidents_open', legend: '{{kind}}' }],
    }),
    lines({
      title: 'Failure counts',
      description:
        'How often each service fell ill or was repaired in vain since it was last healthy. A line that climbs is a repair that does not help.',
      unit: 'short',
      width: 12,
      none: 'nothing has failed',
      queries: [{ expr: `service_failure_count{${CHOSEN}}`, legend: '{{project}}/{{service}}' }],
    }),
  ],
};

const repairs: Row = {
  title: 'Repairs',
  panels: [
    bars({
      title: 'Repair attempts timeline',
      description: 'When repairs ended, by strategy and by whether they healed.',
      unit: 'short',
      width: 16,
      none: 'no repairs',
      queries: [
        { expr: `${counted(grown(HEALED, '$__interval'), 'action')} > 0`, legend: '{{action}} healed' },
        {
          expr: `${counted(grown(`repair_attempts_total{${CHOSEN},success="false"}`, '$__interval'), 'action')} > 0`,
          legend: '{{action}} did not help',
        },
      ],
    }),
    ranking({
      title: 'Most repaired services',
      description:
        'Where to look for a cause that is not gone: a service that is healed daily is not healthy. `watchdog report` says more.',
      unit: 'short',
      width: 8,
      none: 'no repairs',
      queries: [
        {
          expr: `topk(10, ${counted(grown(REPAIRS, '$__range'), 'project', 'service')} > 0)`,
          legend: '{{project}}/{{service}}',
        },
      ],
    }),
    lines({
      title: 'Success and failure rates',
      description:
        'Which share of the repairs of the last hour healed, and which did not. Nothing is drawn for hours without repairs.',
      unit: 'percentunit',
      width: 12,
      none: 'no repairs',
      queries: [
        { expr: `(sum(${grown(HEALED, '1h')}) or vector(0)) / (sum(${grown(REPAIRS, '1h')}) > 0)`, legend: 'healed' },
        {
          expr: `1 - (sum(${grown(HEALED, '1h')}) or vector(0)) / (sum(${grown(REPAIRS, '1h')}) > 0)`,
          legend: 'did not help',
        },
      ],
    }),
    list(
      {
        title: 'Last repair',
        description: 'When each service was last repaired.',
        unit: 'dateTimeFromNow',
        width: 12,
        none: 'nothing was repaired yet',
        queries: [
          { expr: `sort_desc(service_last_repair_timestamp{${CHOSEN}} * 1000)`, legend: '{{project}}/{{service}}' },
        ],
      },
      ['project', 'service'],
      'repaired',
    ),
  ],
};

const logs: Row = {
  title: 'What logs tell',
  panels: [
    bars({
      title: 'Errors in logs',
      description:
        'How many errors each service wrote, by type. `watchdog errors list` shows them, docs/log-errors.md what is done about each type.',
      unit: 'short',
      width: 12,
      none: 'no errors',
      queries: [
        {
          expr: `${counted(grown(ERRORS, '$__interval'), 'project', 'service', 'type')} > 0`,
          legend: '{{project}}/{{service}} {{type}}',
        },
      ],
    }),
    lines({
      title: 'Error bursts',
      description:
        'How many times as many errors each service wrote within five minutes as in the six hours before; ten count as usual for everybody. Above 5 for five minutes the alert ErrorBurst fires.',
      unit: 'short',
      width: 12,
      none: 'no errors',
      queries: [{ expr: againstUsual(ERRORS), legend: '{{project}}/{{service}}' }],
    }),
  ],
};

const times: Row = {
  title: 'How quick it is',
  panels: [
    ...(
      [
        ['detection', 'Time to detect', 'From the beginning of the trouble, as the engine dated it, to its incident'],
        [
          'recovery',
          'Time to recover',
          'From the beginning of the trouble to the proof that it is over, settle time included',
        ],
      ] as const
    ).map(([name, title, description]) =>
      lines({
        title,
        description: `${description}; of the last hour, all services together.`,
        unit: 's',
        width: 12,
        none: 'no trouble in the last hour',
        queries: [
          { expr: `${quantile(0.5, `watchdog_${name}_seconds`)} >= 0`, legend: 'half within' },
          { expr: `${quantile(0.95, `watchdog_${name}_seconds`)} >= 0`, legend: '95 % within' },
          { expr: mean(`watchdog_${name}_seconds`), legend: 'mean' },
        ],
      }),
    ),
  ],
};

const limits: Row = {
  title: 'What holds it back',
  panels: [
    bars({
      title: 'Refusals by code',
      description:
        'How often a repair was wanted and a gate objected. `attempt-cap` and `no-change` are for people; `storm` means that the host is in trouble.',
      unit: 'short',
      width: 12,
      none: 'nothing was refused',
      queries: [
        {
          expr: `${counted('increase(watchdog_decisions_total{verdict="stand-back"}[$__interval])', 'code')} > 0`,
          legend: '{{code}}',
        },
      ],
    }),
    list(
      {
        title: 'Cooldown status',
        description: 'Which services were repaired a moment ago and are left alone, and for how long.',
        unit: 's',
        width: 6,
        none: 'nothing cools down',
        queries: [
          {
            expr: `sort_desc(watchdog_cooldown_until_timestamp{${CHOSEN}} - time() > 0)`,
            legend: '{{project}}/{{service}}',
          },
        ],
      },
      ['project', 'service'],
      'left alone for another',
    ),
    ranking({
      title: 'Attempts in the window',
      description:
        'How much of its cap each service has used up; at the cap people are told, and nothing more is tried.',
      unit: 'short',
      width: 6,
      none: 'nothing was tried',
      queries: [{ expr: `watchdog_attempts_in_window{${CHOSEN}} > 0`, legend: '{{project}}/{{service}}' }],
    }),
  ],
};

/** What the watchdog does for the services: is it needed, does it help, what holds it back. */
export const autoRepair: Dashboard = dashboardOf({
  uid: 'auto-repair',
  title: 'Auto Repair System',
  description: 'What is broken, what was repaired, whether it helped, and what holds repairs back.',
  variables: [
    choice('project', 'Project', 'label_values(service_health_status, project)'),
    choice('service', 'Service', 'label_values(service_health_status{project=~"$project"}, service)'),
  ],
  annotations: [
    moments('Repair', `service_last_repair_timestamp{${CHOSEN}}`, 'blue', '{{project}}/{{service}} was repaired'),
    moments(
      'New container',
      `service_created_timestamp{${CHOSEN}}`,
      'purple',
      '{{project}}/{{service}}: a deploy, or a repair that made it again',
    ),
  ],
  rows: [now, health, repairs, logs, times, limits],
});
