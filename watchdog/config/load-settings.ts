import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Policy } from '../domain/policy.ts';
import { hours, minutes, seconds } from '../domain/time.ts';
import { alternativePorts } from './alternative-ports.ts';
import type { FileContent } from './file-schema.ts';
import { DEFAULT_POLICY, type FlatPolicy, foldPolicy, POLICY_FIELDS, POLICY_KEYS } from './policy-keys.ts';
import { type ConfigFile, readConfigFile } from './read-config-file.ts';
import { type Env, type EnvReading, type ReadFile, readEnv } from './read-env.ts';
import { scalingProblems } from './scaling-for.ts';
import type { DiskSettings, MaintenanceWindow, Problem, Settings } from './settings.ts';
import { originsOf } from './settings-origins.ts';

/** What was read, and all that is wrong with it. With problems, `settings` is what could be understood: for `check` only. */
export interface Loaded {
  readonly settings: Settings;
  readonly problems: readonly Problem[];
}

/** What the settings are read from. */
export interface Sources {
  readonly env: Env;
  /** For tests; the real file system where it is left out. */
  readonly readFile?: ReadFile;
  readonly inContainer: boolean;
}

/**
 * Defaults < configuration file < environment, for what holds for every service; `services.<name>` of the file says what
 * is different for one and is therefore stronger than both; labels are strongest (`policyFor`). Never throws: what is
 * unknown, malformed or unreadable becomes a problem, and all of them are found in one go.
 */
export function loadSettings(sources: Sources): Loaded {
  const readFile = sources.readFile ?? (path => readFileSync(path, 'utf8'));
  const env = readEnv(sources.env, readFile);
  const file = readConfigFile(env.globals.WATCHDOG_CONFIG, sources.env, readFile);
  const settings = { ...fromEnvironment(env, sources), ...fromFile(file, env), origins: originsOf(env, file) };
  return {
    settings,
    problems: [...env.problems, ...file.problems, ...scalingProblems(settings), ...pullProblems(settings)],
  };
}

const pullProblems = ({ prometheus }: Pick<Settings, 'prometheus'>): readonly Problem[] =>
  !prometheus.pullAlerts || prometheus.url !== undefined
    ? []
    : [
        {
          place: 'env WATCHDOG_PULL_ALERTS',
          found: 'true, and no PROMETHEUS_URL',
          expected: 'the address of the Prometheus whose alerts are to be asked for',
          remedy: 'Set PROMETHEUS_URL, or remove WATCHDOG_PULL_ALERTS.',
        },
      ];

function fromEnvironment({ globals, files }: EnvReading, sources: Sources) {
  const dataFolder = globals.WATCHDOG_DATA ?? defaultDataFolder(sources);
  return {
    interval: globals.WATCHDOG_INTERVAL ?? seconds(30),
    stuckAfter: globals.WATCHDOG_STUCK_AFTER ?? minutes(2),
    maxParallel: globals.WATCHDOG_MAX_PARALLEL ?? 8,
    stormLimit: globals.WATCHDOG_STORM_LIMIT?.limit ?? 60,
    stormWindow: globals.WATCHDOG_STORM_LIMIT?.window ?? minutes(10),
    projects: globals.WATCHDOG_PROJECTS ?? ('own' as const),
    host: globals.WATCHDOG_HOST ?? (sources.inContainer ? '0.0.0.0' : '127.0.0.1'),
    port: globals.WATCHDOG_PORT ?? 8099,
    // One from a file is read again where it is used, so that it can be changed; here it was only tried.
    token: files.WATCHDOG_TOKEN === undefined ? globals.WATCHDOG_TOKEN : undefined,
    tokenFile: files.WATCHDOG_TOKEN,
    tokenCopy: globals.WATCHDOG_TOKEN_COPY,
    dataFolder,
    logLevel: globals.WATCHDOG_LOG_LEVEL ?? ('info' as const),
    logFile: globals.WATCHDOG_LOG_FILE ?? join(dataFolder, 'logs', 'auto_repair.log'),
    actHost: globals.WATCHDOG_ACT_HOST,
    scalerInterval: globals.SCALER_INTERVAL ?? minutes(1),
    replicas: { min: globals.MIN_REPLICAS ?? 1, max: globals.MAX_REPLICAS ?? 5 },
    prometheus: {
      url: globals.PROMETHEUS_URL,
      // With an Alertmanager the alerts come by themselves.
      pullAlerts:
        globals.WATCHDOG_PULL_ALERTS ??
        (globals.PROMETHEUS_URL !== undefined && globals.ALERTMANAGER_URL === undefined),
    },
    notify: {
      alertmanager: globals.ALERTMANAGER_URL,
      slack: globals.SLACK_WEBHOOK_URL,
      pagerdutyKey: globals.PAGERDUTY_ROUTING_KEY,
      pagerduty: globals.WATCHDOG_PAGERDUTY_URL,
      webhook: globals.WATCHDOG_NOTIFY_WEBHOOK_URL,
      heartbeat: globals.WATCHDOG_HEARTBEAT_URL,
    },
  };
}

/** On a host the ledger belongs to the user who runs the watchdog (XDG Base Directory Specification, `XDG_STATE_HOME`). */
function defaultDataFolder({ env, inContainer }: Sources): string {
  if (inContainer) return '/data';
  return join(env.XDG_STATE_HOME || join(env.HOME || '/', '.local', 'state'), 'compose-watchdog');
}

/** Everything the file can set, the policy with the environment's laid over it. */
function fromFile({ path, content }: ConfigFile, env: EnvReading) {
  const { playbooks, strategies, retention } = content;
  const report = content.notify?.report;
  const folded = foldPolicy(foldPolicy(DEFAULT_POLICY, flat(content.policy)), env.policy);
  const policy: Policy = { ...folded, playbooks: defined(playbooks?.use) };
  return {
    policy,
    services: servicesFrom(content, policy),
    playbookFolders: beside(path, playbooks?.folders),
    logPatternFolders: beside(path, content.log_patterns?.folders),
    strategiesFolder: strategies?.folder ?? '/etc/watchdog/strategies',
    dailyReport: report?.at === undefined ? undefined : { at: report.at, zone: report.zone ?? 'UTC' },
    scaling: content.scaling ?? {},
    queueHosts: content.queues?.hosts ?? [],
    maintenance: (content.maintenance ?? []).map(windowFrom),
    approvals: { wait: content.approvals?.wait ?? hours(24), allow: content.approvals?.allow ?? {} },
    ports: alternativePorts(content.ports),
    backups: { keep: content.backups?.keep ?? 5, maxBytes: content.backups?.max_size ?? 10 * 2 ** 30 },
    masking: { emails: content.masking?.emails ?? false, patterns: content.masking?.patterns ?? [] },
    disk: diskFrom(content.disk),
    retention: { keep: retention?.keep ?? hours(24 * 30), maxBytes: retention?.max_size ?? 256 * 2 ** 20 },
    configFile: path,
  };
}

/** Relative folders are sought beside the file. */
const beside = (file: string | undefined, folders: readonly string[] = []): string[] =>
  folders.map(folder => resolve(dirname(file ?? '/'), folder));

/** Only what a section says; its backoff is filled up, from `web` for `shop/web`, because a policy has it whole. */
function servicesFrom(content: FileContent, policy: Policy): Record<string, Partial<Policy>> {
  const sections = content.services ?? {};
  const backoffOf = (name: string, base: Policy): Policy => foldPolicy(base, flat(sections[name]));
  return Object.fromEntries(
    Object.entries(sections).map(([name, section]) => {
      const bare = name.split('/').at(-1) as string;
      const base = bare === name ? policy : backoffOf(bare, policy);
      const whole = foldPolicy(base, flat(section));
      const said = POLICY_FIELDS.filter(field => flat(section)[field] !== undefined).map(topOf);
      const own = Object.fromEntries(said.map(key => [key, whole[key]]));
      return [name, section.playbook === undefined ? own : { ...own, playbooks: defined(section.playbook) }];
    }),
  );
}

/** `backoff` for `backoff.initial`. */
const topOf = (field: string): keyof Policy => field.split('.')[0] as keyof Policy;

/** From the file's keys to the policy's. */
function flat(section: Readonly<Record<string, unknown>> | undefined): Partial<FlatPolicy> {
  const given = POLICY_FIELDS.map(field => [field, section?.[POLICY_KEYS[field].file]] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== undefined));
}

const defined = <K extends string>(choices: { readonly [P in K]?: string | undefined } | undefined) =>
  Object.fromEntries(Object.entries(choices ?? {}).filter(([, name]) => name !== undefined)) as Partial<
    Record<K, string>
  >;

const diskFrom = (disk: FileContent['disk']): DiskSettings => ({
  paths: disk?.paths ?? [],
  threshold: disk?.threshold ?? 0.1,
  cleanup: {
    buildCache: disk?.cleanup?.build_cache ?? true,
    danglingImages: disk?.cleanup?.dangling_images ?? true,
    logsOlderThan: disk?.cleanup?.logs_older_than ?? hours(24 * 7),
    logPaths: disk?.cleanup?.log_paths ?? [],
    stoppedContainers: disk?.cleanup?.stopped_containers ?? false,
    systemPrune: disk?.cleanup?.system_prune ?? false,
  },
});

const windowFrom = (window: NonNullable<FileContent['maintenance']>[number]): MaintenanceWindow => ({
  weekdays: window.days ?? [1, 2, 3, 4, 5, 6, 7],
  from: window.from,
  to: window.to,
  zone: window.zone,
  services: window.services ?? [],
  reason: window.reason ?? 'maintenance window',
});
