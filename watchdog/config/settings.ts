import type { Alternatives } from '../domain/alternative-port.ts';
import type { Policy } from '../domain/policy.ts';
import type { Duration } from '../domain/time.ts';
import type { ScalingSection } from './scaling-schema.ts';

/** Everything that an operator can set, checked and with defaults filled in. */
export interface Settings {
  readonly interval: Duration;
  /** How long the watchdog may stand still, or make no round, before it ends itself so that it is started afresh. */
  readonly stuckAfter: Duration;
  readonly maxParallel: number;
  readonly stormLimit: number;
  readonly stormWindow: Duration;
  /** `own`: the project of the watchdog's own container; all projects on the host. */
  readonly projects: readonly string[] | '*' | 'own';
  readonly host: string;
  readonly port: number;
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  /** Where a copy of the token is put for those who call us. Undefined: nowhere. */
  readonly tokenCopy: string | undefined;
  readonly dataFolder: string;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
  readonly logFile: string;
  /** Undefined: `DOCKER_HOST` and the local socket. */
  readonly actHost: string | undefined;
  readonly prometheus: {
    readonly url: string | undefined;
    /** Its alerts are asked for each round. */
    readonly pullAlerts: boolean;
  };
  /** Where people are told. Undefined: nobody is told there. */
  readonly notify: {
    readonly alertmanager: string | undefined;
    readonly slack: string | undefined;
    readonly pagerdutyKey: string | undefined;
    /** Undefined: PagerDuty's usual address. */
    readonly pagerduty: string | undefined;
    readonly webhook: string | undefined;
    readonly heartbeat: string | undefined;
  };
  /** When the report of the day is sent. Undefined: it is not. */
  readonly dailyReport:
    | { /** Minutes after midnight in the zone. */ readonly at: number; readonly zone: string }
    | undefined;
  readonly retention: { readonly keep: Duration; readonly maxBytes: number };
  readonly policy: Policy;
  /** By `service` or `project/service`, from the configuration file. */
  readonly services: Readonly<Record<string, Partial<Policy>>>;
  readonly scalerInterval: Duration;
  /** Of services that say nothing else. */
  readonly replicas: { readonly min: number; readonly max: number };
  /** By `service` or `project/service`, as the configuration file has it; `scalingFor` makes sense of it. */
  readonly scaling: Readonly<Record<string, ScalingSection>>;
  /** Which hosts a label may name as the place of a queue, besides the names of Compose's networks. */
  readonly queueHosts: readonly string[];
  readonly maintenance: readonly MaintenanceWindow[];
  readonly approvals: ApprovalSettings;
  /** Other ports of the host, by the name of the sort; the file's before the built-in ones of other names. */
  readonly ports: Readonly<Record<string, Alternatives>>;
  readonly backups: BackupSettings;
  /** What is hidden besides what looks like a secret. The expressions are not judged yet: `loadSettingsAndMask` does. */
  readonly masking: {
    readonly emails: boolean;
    readonly patterns: readonly { readonly name: string; readonly expression: string }[];
  };
  readonly disk: DiskSettings;
  /** Extra folders with playbooks; later ones override earlier ones and the built-in. */
  readonly playbookFolders: readonly string[];
  /** Extra folders with log patterns; later ones override earlier ones and the built-in. */
  readonly logPatternFolders: readonly string[];
  readonly strategiesFolder: string;
  /** The file that was read, if any. */
  readonly configFile: string | undefined;
  /**
   * Where each value came from: `default`, `env WATCHDOG_INTERVAL`, `watchdog.yml:12`. By the variable's name for what only
   * the environment sets, by the file's path for the rest (`policy.cooldown`, `services.web.cooldown`, `retention.keep`).
   */
  readonly origins: Readonly<Record<string, string>>;
}

/** What needs a person's yes, and how long it is waited for. */
export interface ApprovalSettings {
  /** How long a question waits for its answer. */
  readonly wait: Duration;
  /** By strategy: the services (`web` or `shop/web`; `*`: all) for which it needs no asking. */
  readonly allow: Readonly<Record<string, readonly string[] | '*'>>;
}

/** What is kept of the backups in the data folder. */
export interface BackupSettings {
  /** So many of each volume of a container; the oldest go first. */
  readonly keep: number;
  /** Of one backup. */
  readonly maxBytes: number;
}

/** Which disks are watched, and what may be removed when one is low. */
export interface DiskSettings {
  /** Absolute. Empty: the data folder and, where it can be seen, Docker's own. */
  readonly paths: readonly string[];
  /** The share, 0 to 1, below which what is free counts as low. */
  readonly threshold: number;
  readonly cleanup: CleanupSettings;
}

export interface CleanupSettings {
  readonly buildCache: boolean;
  readonly danglingImages: boolean;
  readonly logsOlderThan: Duration;
  /** Folders besides the watchdog's own. */
  readonly logPaths: readonly string[];
  /** Only those that belong to no Compose project. */
  readonly stoppedContainers: boolean;
  /** Stopped containers, networks, images and cache, as `docker system prune` does; but nothing that is Compose's. */
  readonly systemPrune: boolean;
}

/** A weekly window in which nothing is repaired. */
export interface MaintenanceWindow {
  /** ISO weekdays 1 (Monday) to 7 on which it begins. */
  readonly weekdays: readonly number[];
  /** Minutes after midnight in the zone. */
  readonly from: number;
  /** Minutes after midnight; not later than `from` means: on the next day. */
  readonly to: number;
  /** IANA name, `Europe/Berlin`. */
  readonly zone: string;
  /** Services (`web` or `shop/web`); empty: all. */
  readonly services: readonly string[];
  readonly reason: string;
}

/** Bad input: where, what was found, what was expected, what to do. */
export interface Problem {
  /** `env WATCHDOG_INTERVALL`, `watchdog.yml:12 scaling.worker.max`, `label auto_repair.cooldown of service shop/web`. */
  readonly place: string;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}
