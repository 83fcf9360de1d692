import { rangeInWords } from '../domain/alternative-port.ts';
import type { Policy } from '../domain/policy.ts';
import { type Duration, inWords } from '../domain/time.ts';
import { scalingLines } from './describe-scaling.ts';
import type { PolicyInForce } from './policy-for.ts';
import { POLICY_FIELDS, POLICY_KEYS, type PolicyField } from './policy-keys.ts';
import { formatProblem } from './problem.ts';
import type { DiskSettings, MaintenanceWindow, Problem, Settings } from './settings.ts';

/** One line of `watchdog check`. */
export interface SettingInForce {
  /** As people set it: `WATCHDOG_INTERVAL`, `policy.cooldown`, `services.web.cooldown`. */
  readonly name: string;
  /** In words; a secret only as `(set)`. */
  readonly value: string;
  /** `default`, `env WATCHDOG_INTERVAL`, `watchdog.yml:12`. */
  readonly origin: string;
}

const NOT_SET = '(not set)';

/** Everything that is in force, each value with where it came from. */
export function settingsInForce(settings: Settings): readonly SettingInForce[] {
  const line = (name: string, value: string): SettingInForce => ({
    name,
    value,
    origin: settings.origins[name] ?? 'default',
  });
  return [
    ...Object.entries(globalValues(settings)).map(([name, value]) => line(name, value)),
    ...POLICY_FIELDS.map(field => line(`policy.${POLICY_KEYS[field].file}`, fieldInWords(settings.policy, field))),
    ...choices('playbooks.use', settings.policy).map(([name, playbook]) => line(name, playbook)),
    line('playbooks.folders', settings.playbookFolders.join(', ') || NOT_SET),
    line('log_patterns.folders', settings.logPatternFolders.join(', ') || NOT_SET),
    line('strategies.folder', settings.strategiesFolder),
    line('approvals.wait', inWords(settings.approvals.wait)),
    ...Object.entries(settings.approvals.allow).map(([strategy, services]) =>
      line(`approvals.allow.${strategy}`, services === '*' ? '*' : services.join(', ')),
    ),
    ...Object.entries(settings.ports).map(([name, { inside, range }]) =>
      line(`ports.${name}`, `${rangeInWords(range)} for ${inside.join(', ')}`),
    ),
    line('backups.keep', String(settings.backups.keep)),
    line('backups.max_size', `${Math.round(settings.backups.maxBytes / 2 ** 20)}mb`),
    ...Object.entries(diskValues(settings.disk)).map(([name, value]) => line(`disk.${name}`, value)),
    line('masking.emails', String(settings.masking.emails)),
    line('masking.patterns', settings.masking.patterns.map(({ name }) => name).join(', ') || NOT_SET),
    line('queues.hosts', settings.queueHosts.join(', ') || NOT_SET),
    line('maintenance', settings.maintenance.map(windowInWords).join('; ') || NOT_SET),
    line('notify.report.at', settings.dailyReport === undefined ? NOT_SET : clock(settings.dailyReport.at)),
    line('notify.report.zone', settings.dailyReport?.zone ?? 'UTC'),
    line('retention.keep', inWords(settings.retention.keep)),
    line('retention.max_size', `${Math.round(settings.retention.maxBytes / 2 ** 20)}mb`),
    ...scalingLines(settings),
    ...Object.entries(settings.services).flatMap(([service, own]) => sectionLines(service, own, settings)),
  ];
}

/** A service's policy, each value with where it came from; for `check` and the API. */
export function policyInWords({ policy, origins }: PolicyInForce): readonly SettingInForce[] {
  return [
    ...POLICY_FIELDS.map(field => ({
      name: POLICY_KEYS[field].file,
      value: fieldInWords(policy, field),
      origin: origins[field] ?? 'default',
    })),
    ...choices('playbook', policy).map(([name, value]) => ({
      name,
      value,
      origin: origins[name.replace('playbook', 'playbooks')] ?? 'default',
    })),
  ];
}

/** Aligned lines `name  value  origin`, without a line end at the end. */
export function describeSettings(lines: readonly SettingInForce[]): string {
  const widest = (key: 'name' | 'value'): number => Math.min(60, Math.max(0, ...lines.map(line => line[key].length)));
  const [name, value] = [widest('name'), widest('value')];
  return lines.map(line => `${line.name.padEnd(name)}  ${line.value.padEnd(value)}  ${line.origin}`).join('\n');
}

/** One sentence a line: `PLACE: found X, expected Y. Remedy.` */
export const describeProblems = (problems: readonly Problem[]): string => problems.map(formatProblem).join('\n');

function globalValues(settings: Settings): Readonly<Record<string, string>> {
  return {
    WATCHDOG_CONFIG: settings.configFile ?? NOT_SET,
    WATCHDOG_INTERVAL: inWords(settings.interval),
    WATCHDOG_STUCK_AFTER: inWords(settings.stuckAfter),
    WATCHDOG_MAX_PARALLEL: String(settings.maxParallel),
    WATCHDOG_STORM_LIMIT: `${settings.stormLimit} per ${inWords(settings.stormWindow)}`,
    WATCHDOG_PROJECTS: projectsInWords(settings.projects),
    WATCHDOG_HOST: settings.host,
    WATCHDOG_PORT: String(settings.port),
    WATCHDOG_TOKEN: tokenInWords(settings),
    WATCHDOG_TOKEN_COPY: settings.tokenCopy ?? NOT_SET,
    WATCHDOG_DATA: settings.dataFolder,
    WATCHDOG_LOG_LEVEL: settings.logLevel,
    WATCHDOG_LOG_FILE: settings.logFile,
    WATCHDOG_ACT_HOST: settings.actHost === undefined ? '(as for reading)' : withoutPassword(settings.actHost),
    SCALER_INTERVAL: inWords(settings.scalerInterval),
    MIN_REPLICAS: String(settings.replicas.min),
    MAX_REPLICAS: String(settings.replicas.max),
    PROMETHEUS_URL: settings.prometheus.url === undefined ? NOT_SET : withoutPassword(settings.prometheus.url),
    WATCHDOG_PULL_ALERTS: String(settings.prometheus.pullAlerts),
    ...notifyValues(settings.notify),
  };
}

function notifyValues({ alertmanager, slack, pagerdutyKey, pagerduty, webhook, heartbeat }: Settings['notify']) {
  const secret = (value: string | undefined) => (value === undefined ? NOT_SET : '(set)');
  // Where there is an Alertmanager it does the telling.
  const straight = (value: string | undefined, meanwhile: string) =>
    value === undefined || alertmanager === undefined
      ? secret(value)
      : `(set; ${meanwhile} while ALERTMANAGER_URL is set)`;
  return {
    ALERTMANAGER_URL: alertmanager === undefined ? NOT_SET : withoutPassword(alertmanager),
    SLACK_WEBHOOK_URL: straight(slack, 'only for the daily report'),
    PAGERDUTY_ROUTING_KEY: straight(pagerdutyKey, 'unused'),
    WATCHDOG_PAGERDUTY_URL: pagerduty === undefined ? '(of PagerDuty)' : withoutPassword(pagerduty),
    WATCHDOG_NOTIFY_WEBHOOK_URL: secret(webhook),
    WATCHDOG_HEARTBEAT_URL: secret(heartbeat),
  };
}

function diskValues({ paths, threshold, cleanup }: DiskSettings): Readonly<Record<string, string>> {
  return {
    paths: paths.join(', ') || "(the data folder, and Docker's own where it can be seen)",
    threshold: `${Math.round(threshold * 10_000) / 100}%`,
    'cleanup.build_cache': String(cleanup.buildCache),
    'cleanup.dangling_images': String(cleanup.danglingImages),
    'cleanup.logs_older_than': inWords(cleanup.logsOlderThan),
    'cleanup.log_paths': cleanup.logPaths.join(', ') || NOT_SET,
    'cleanup.stopped_containers': String(cleanup.stoppedContainers),
    'cleanup.system_prune': String(cleanup.systemPrune),
  };
}

function tokenInWords({ token, tokenFile, dataFolder }: Settings): string {
  return token === undefined ? `(kept in ${tokenFile ?? `${dataFolder}/token`})` : '(set)';
}

function projectsInWords(projects: Settings['projects']): string {
  if (projects === '*') return '*';
  return projects === 'own' ? '(own project; all of them on the host)' : projects.join(', ');
}

/** A proxy's address may carry a password. */
const withoutPassword = (address: string): string => address.replace(/\/\/[^/@]*@/, '//***@');

function sectionLines(service: string, own: Partial<Policy>, settings: Settings): SettingInForce[] {
  const whole: Policy = { ...settings.policy, ...own };
  const prefix = `services.${service}`;
  const values = [
    ...POLICY_FIELDS.map(field => [`${prefix}.${POLICY_KEYS[field].file}`, fieldInWords(whole, field)] as const),
    ...choices(`${prefix}.playbook`, whole),
  ];
  return values.flatMap(([name, value]) => {
    const origin = settings.origins[name];
    return origin === undefined ? [] : [{ name, value, origin }];
  });
}

const choices = (prefix: string, policy: Policy): [string, string][] =>
  Object.entries(policy.playbooks).map(([condition, playbook]) => [`${prefix}.${condition}`, playbook]);

const DURATIONS: ReadonlySet<PolicyField> = new Set([
  'cooldown',
  'window',
  'backoff.initial',
  'backoff.max',
  'stopGrace',
  'settle',
  'stopTimeout',
]);

function fieldInWords(policy: Policy, field: PolicyField): string {
  const { backoff, ...plain } = policy;
  const flat = {
    ...plain,
    'backoff.initial': backoff.initial,
    'backoff.factor': backoff.factor,
    'backoff.max': backoff.max,
  };
  const value = flat[field];
  if (value === undefined) return NOT_SET;
  if (DURATIONS.has(field)) return inWords(value as Duration);
  return Array.isArray(value) ? value.join(', ') || NOT_SET : String(value);
}

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

function windowInWords({ weekdays, from, to, zone, services, reason }: MaintenanceWindow): string {
  const days = weekdays.length === 7 ? 'daily' : weekdays.map(day => DAYS[day - 1]).join(',');
  const whom = services.length === 0 ? 'all services' : services.join(', ');
  return `${days} ${clock(from)}-${clock(to)} ${zone}, ${whom}: ${reason}`;
}

const clock = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
