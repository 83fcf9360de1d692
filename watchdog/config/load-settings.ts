import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hours, minutes, seconds } from '../domain/time.ts';
import { DEFAULT_POLICY, foldPolicy, POLICY_FIELDS, POLICY_KEYS } from './policy-keys.ts';
import { type Env, type EnvReading, type ReadFile, readEnv } from './read-env.ts';
import type { Problem, Settings } from './settings.ts';

/** What was read, and all that is wrong with it. With problems, `settings` is what could be understood: for `check` only. */
export interface Loaded {
  readonly settings: Settings;
  readonly problems: readonly Problem[];
}

/**
 * Defaults < configuration file < environment; `policyFor` adds what a service says of itself. Never throws: what is
 * unknown, malformed or unreadable becomes a problem, and all of them are found in one go.
 */
export function loadSettings(from: { env: Env; readFile?: ReadFile; inContainer: boolean }): Loaded {
  const readFile = from.readFile ?? (path => readFileSync(path, 'utf8'));
  const env = readEnv(from.env, readFile);
  return { settings: settingsFrom(env, from), problems: env.problems };
}

function settingsFrom(reading: EnvReading, from: { env: Env; inContainer: boolean }): Settings {
  const { globals } = reading;
  const dataFolder = globals.WATCHDOG_DATA ?? defaultDataFolder(from);
  return {
    interval: globals.WATCHDOG_INTERVAL ?? seconds(30),
    maxParallel: globals.WATCHDOG_MAX_PARALLEL ?? 8,
    stormLimit: globals.WATCHDOG_STORM_LIMIT?.limit ?? 60,
    stormWindow: globals.WATCHDOG_STORM_LIMIT?.window ?? minutes(10),
    projects: globals.WATCHDOG_PROJECTS ?? 'own',
    host: globals.WATCHDOG_HOST ?? (from.inContainer ? '0.0.0.0' : '127.0.0.1'),
    port: globals.WATCHDOG_PORT ?? 8099,
    token: globals.WATCHDOG_TOKEN,
    tokenFile: reading.files.WATCHDOG_TOKEN,
    dataFolder,
    logLevel: globals.WATCHDOG_LOG_LEVEL ?? 'info',
    logFile: globals.WATCHDOG_LOG_FILE ?? join(dataFolder, 'logs', 'auto_repair.log'),
    actHost: globals.WATCHDOG_ACT_HOST,
    retention: { keep: hours(24 * 30), maxBytes: 256 * 2 ** 20 },
    policy: foldPolicy(DEFAULT_POLICY, reading.policy),
    services: {},
    maintenance: [],
    playbookFolders: [],
    strategiesFolder: '/etc/watchdog/strategies',
    configFile: undefined,
    origins: originsOf(reading),
  };
}

/** On a host the ledger belongs to the user who runs the watchdog (XDG Base Directory Specification, `XDG_STATE_HOME`). */
function defaultDataFolder({ env, inContainer }: { env: Env; inContainer: boolean }): string {
  if (inContainer) return '/data';
  return join(env.XDG_STATE_HOME || join(env.HOME || '/', '.local', 'state'), 'compose-watchdog');
}

function originsOf(reading: EnvReading): Record<string, string> {
  const origins: Record<string, string> = {};
  for (const name of Object.keys(reading.globals)) origins[name] = `env ${name}`;
  for (const field of POLICY_FIELDS) {
    const { env: name, file } = POLICY_KEYS[field];
    origins[`policy.${file}`] = reading.policy[field] === undefined ? 'default' : `env ${name}`;
  }
  return origins;
}
