import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { counted, grown, mean, quantile } from './expressions.ts';
import { choice, dashboardOf, moments, type Row } from './frame.ts';
import { bars, LESS_IS_GOOD, lines, list, NONE_IS_GOOD, PLAIN, stat } from './kit.ts';

const ITS = 'instance=~"$instance"';
/** Prometheus and others have metrics of these names as well. */
const ofAWatchdog = (metric: string): string => `${metric} and on (instance) watchdog_build_info{${ITS}}`;
const CPU = ofAWatchdog(`rate(process_cpu_seconds_total{${ITS}}[$__rate_interval])`);
const MEMORY = ofAWatchdog(`process_resident_memory_bytes{${ITS}}`);
const STARTED = ofAWatchdog(`process_start_time_seconds{${ITS}}`);

const standing: Row = {
  title: 'How it stands',
  panels: [
    stat(
      {
        title: 'Not reached',
        description:
          'How many watchdogs Prometheus cannot reach. While it is not 0, nothing else here can be believed.',
        unit: 'short',
        width: 4,
        queries: [{ expr: 'count(up{job="watchdog"} == 0) or vector(0)', legend: 'not reached' }],
      },
      NONE_IS_GOOD,
    ),
    stat(
      {
        title: 'Running for',
        description: 'How long this process runs. It should be as long as since the last update or reboot.',
        unit: 's',
        width: 4,
        queries: [
          {
            expr: `time() - max(${STARTED})`,
            legend: 'running',
          },
        ],
      },
      PLAIN,
    ),
    stat(
      {
        title: 'Processor',
        description: 'Its own processor time; 100 % is one core. The engine works besides, and is not in it.',
        unit: 'percentunit',
        width: 4,
        queries: [{ expr: `sum(${CPU})`, legend: 'cores' }],
      },
      LESS_IS_GOOD,
    ),
    stat(
      {
        title: 'Memory',
        description: 'Resident memory. It settles some minutes after the start.',
        unit: 'bytes',
        width: 4,
        queries: [{ expr: `sum(${MEMORY})`, legend: 'resident' }],
      },
      PLAIN,
    ),
    stat(
      {
        title: 'Ledger errors',
        description:
          'Reads and writes of the ledger that failed in the time shown. Limits that cannot be written down would not hold, so nothing is repaired meanwhile: is the disk full?',
        unit: 'short',
        width: 4,
        queries: [{ expr: `round(sum(increase(watchdog_ledger_errors_total{${ITS}}[$__range])))`, legend: 'errors' }],
      },
      NONE_IS_GOOD,
    ),
    list(
      {
        title: 'Version',
        description: 'Which watchdog runs on which Node.js.',
        unit: 'short',
        width: 4,
        queries: [{ expr: `watchdog_build_info{${ITS}}`, legend: '{{version}}' }],
        height: 4,
      },
      ['version', 'node'],
    ),
  ],
};

const work: Row = {
  title: 'Its work',
  panels: [
    lines({
      title: 'How long a round takes',
      description:
        'A round lists every container. It grows with the containers and with a slow engine; above WATCHDOG_INTERVAL rounds come late.',
      unit: 's',
      width: 12,
      queries: [
        { expr: mean('watchdog_round_duration_seconds', `{${ITS}}`), legend: 'mean' },
        { expr: `${quantile(0.95, 'watchdog_round_duration_seconds', `{${ITS}}`)} >= 0`, legend: '95 % within' },
      ],
    }),
    lines({
      title: 'Rounds a minute',
      description: 'Two with the default interval of 30 s. None: the engine does not answer, or the watchdog is stuck.',
      unit: 'short',
      width: 12,
      queries: [
        { expr: `60 * sum(rate(watchdog_round_duration_seconds_count{${ITS}}[$__rate_interval]))`, legend: 'rounds' },
      ],
    }),
    lines({
      title: 'Requests to the engine',
      description: 'What the watchdog costs the engine, by what it asks for.',
      unit: 'reqps',
      width: 12,
      queries: [
        {
          expr: `sum by (endpoint) (rate(watchdog_docker_requests_total{${ITS}}[$__rate_interval])) > 0`,
          legend: '{{endpoint}}',
        },
      ],
    }),
    bars({
      title: 'Answers of the engine',
      description:
        'How requests ended. 404 is a container that has gone meanwhile; what is no number is an engine that did not answer.',
      unit: 'short',
      width: 12,
      queries: [
        {
          expr: `round(sum by (code) (increase(watchdog_docker_requests_total{${ITS}}[$__interval]))) > 0`,
          legend: '{{code}}',
        },
      ],
    }),
    bars({
      title: 'Decisions',
      description:
        'What came of what it saw. `well` and `nothing-wrong` are looks that found nothing; `error` is a look that failed.',
      unit: 'short',
      width: 12,
      none: 'nothing caught its eye',
      queries: [
        {
          expr: `round(sum by (verdict) (increase(watchdog_decisions_total{${ITS}}[$__interval]))) > 0`,
          legend: '{{verdict}}',
        },
      ],
    }),
    lines({
      title: 'Gaps in the event stream',
      description:
        'Times in the last hour at which events may have been missed. Each is followed by a full look; many of them mean an engine in trouble.',
      unit: 'short',
      width: 12,
      queries: [{ expr: `round(sum(increase(watchdog_event_gaps_total{${ITS}}[1h])))`, legend: 'gaps' }],
    }),
  ],
};

const cost: Row = {
  title: 'Its cost',
  panels: [
    lines({
      title: 'Processor time',
      description: 'Its own; 100 % is one core. It should lie at a few per cent, and higher only while much happens.',
      unit: 'percentunit',
      width: 8,
      queries: [{ expr: CPU, legend: '{{instance}}' }],
    }),
    lines({
      title: 'Resident memory',
      description: 'A line that climbs for days is a leak: please report it.',
      unit: 'bytes',
      width: 8,
      queries: [{ expr: MEMORY, legend: '{{instance}}' }],
    }),
    lines({
      title: 'Event loop',
      description: 'Which share of its time it was busy. Near 100 % it reacts late.',
      unit: 'percentunit',
      width: 8,
      queries: [{ expr: `nodejs_eventloop_utilization_ratio{${ITS}}`, legend: '{{instance}}' }],
    }),
  ],
};

const telling: Row = {
  title: 'Alerts in, news out',
  panels: [
    bars({
      title: 'Alerts from outside',
      description:
        'What Alertmanager sent, and what became of it. What is for no service that is known here, and what was refused, is in `watchdog history --decisions`.',
      unit: 'short',
      width: 12,
      none: 'no alert came',
      queries: [
        {
          expr: `${counted(grown(`watchdog_webhook_alerts_total{${ITS}}`, '$__interval'), 'status', 'result')} > 0`,
          legend: '{{status}} {{result}}',
        },
      ],
    }),
    bars({
      title: 'Notifications',
      description:
        '`retried` is a try that failed and is repeated. `refused`, `expired` and `dropped` were heard by nobody: the log says why.',
      unit: 'short',
      width: 12,
      none: 'no channel is set up, or nothing was told',
      queries: [
        {
          expr: `round(sum by (channel, result) (increase(watchdog_notifications_total{${ITS}}[$__interval]))) > 0`,
          legend: '{{channel}} {{result}}',
        },
      ],
    }),
  ],
};

const itself: Row = {
  title: 'Itself under watch',
  panels: [
    lines({
      title: 'Health',
      description:
        'What `/healthz` checks: 1 while all is well. At 0 `/healthz` says why: the engine does not answer, its events are not heard, or the ledger cannot be written.',
      unit: 'short',
      width: 8,
      queries: [{ expr: `min by (check) (watchdog_healthy{${ITS}})`, legend: '{{check}}' }],
    }),
    lines({
      title: 'Queues',
      description: 'How full each queue is. Near 100 % what comes is turned away, or takes the place of the oldest.',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: `max by (queue) (watchdog_queue_fill{${ITS}} / (watchdog_queue_limit{${ITS}} > 0))`,
          legend: '{{queue}}',
        },
      ],
    }),
    lines({
      title: 'Stood still',
      description:
        'For how long in ten minutes the event loop did nothing at all, counting times of a second or more. The log says what it did.',
      unit: 's',
      width: 8,
      queries: [
        {
          expr: `sum by (instance) (increase(watchdog_event_loop_stall_seconds_sum{${ITS}}[10m]))`,
          legend: '{{instance}}',
        },
      ],
    }),
  ],
};

/** The watchdog's own health, and what it costs. */
export const watchdog: Dashboard = dashboardOf({
  uid: 'watchdog',
  title: 'Watchdog',
  description: 'Whether the watchdog itself is well, what it does all day, and what that costs.',
  variables: [choice('instance', 'Watchdog at', 'label_values(watchdog_build_info, instance)')],
  annotations: [moments('Watchdog started', `(${STARTED})`, 'orange', 'the watchdog was started')],
  rows: [standing, work, cost, telling, itself],
});
