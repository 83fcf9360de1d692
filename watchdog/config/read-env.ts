import { seconds } from '../domain/time.ts';
import {
  address,
  bearerToken,
  duration,
  type Kind,
  namesOrAll,
  oneOf,
  port,
  rate,
  socketHost,
  text,
  wholeNumber,
  yesNo,
} from './kinds.ts';
import { nearest } from './nearest.ts';
import { type FlatPolicy, POLICY_FIELDS, POLICY_KEYS, setField } from './policy-keys.ts';
import { quote } from './problem.ts';
import type { Problem } from './settings.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Reads a whole file as text; throws what `node:fs` throws. */
export type ReadFile = (path: string) => string;

/** INTERFACE's table without the policy's part, which `policy-keys.ts` holds. */
const GLOBAL_KEYS = {
  WATCHDOG_INTERVAL: duration(seconds(1)),
  WATCHDOG_STUCK_AFTER: duration(seconds(4)),
  WATCHDOG_MAX_PARALLEL: wholeNumber(1, 1_000),
  WATCHDOG_STORM_LIMIT: rate,
  WATCHDOG_PROJECTS: namesOrAll,
  WATCHDOG_CONFIG: text,
  WATCHDOG_PORT: port,
  WATCHDOG_HOST: socketHost,
  WATCHDOG_TOKEN: bearerToken,
  WATCHDOG_TOKEN_COPY: text,
  WATCHDOG_DATA: text,
  WATCHDOG_LOG_LEVEL: oneOf('error', 'warn', 'info', 'debug'),
  WATCHDOG_LOG_FILE: text,
  WATCHDOG_ACT_HOST: address('unix', 'tcp', 'http', 'https'),
  SCALER_INTERVAL: duration(seconds(1)),
  MIN_REPLICAS: wholeNumber(0, 10_000),
  MAX_REPLICAS: wholeNumber(1, 10_000),
  PROMETHEUS_URL: address('http', 'https'),
  WATCHDOG_PULL_ALERTS: yesNo,
  ALERTMANAGER_URL: address('http', 'https'),
  SLACK_WEBHOOK_URL: address('http', 'https'),
  PAGERDUTY_ROUTING_KEY: text,
  WATCHDOG_PAGERDUTY_URL: address('http', 'https'),
  WATCHDOG_NOTIFY_WEBHOOK_URL: address('http', 'https'),
  WATCHDOG_HEARTBEAT_URL: address('http', 'https'),
} as const;

/** Never shown, not even when malformed; each can also be given as a file, `NAME_FILE`. */
const SECRETS: ReadonlySet<string> = new Set([
  'WATCHDOG_TOKEN',
  'SLACK_WEBHOOK_URL',
  'PAGERDUTY_ROUTING_KEY',
  'WATCHDOG_NOTIFY_WEBHOOK_URL',
  'WATCHDOG_HEARTBEAT_URL',
]);

type Global = typeof GLOBAL_KEYS;
type GlobalValues = { -readonly [Name in keyof Global]?: Global[Name] extends Kind<infer T> ? T : never };

/** What the environment sets, and nothing else. */
export interface EnvReading {
  readonly globals: Readonly<GlobalValues>;
  readonly policy: Readonly<Partial<FlatPolicy>>;
  /** Where a secret was read from, by variable: `WATCHDOG_TOKEN` -> `/run/secrets/token`. */
  readonly files: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
}

const PREFIX = 'WATCHDOG_';
const POLICY_NAMES = POLICY_FIELDS.flatMap(field => POLICY_KEYS[field].env ?? []);

export const GLOBAL_NAMES = Object.keys(GLOBAL_KEYS) as readonly (keyof Global)[];

/** Every variable of INTERFACE's table that is ours. */
export const ENV_NAMES: readonly string[] = [
  ...GLOBAL_NAMES,
  ...[...SECRETS].map(name => `${name}_FILE`),
  ...POLICY_NAMES,
].sort();

/** Reads and checks the variables of INTERFACE's table. An empty variable is an unset one: Compose passes `VAR=`. */
export function readEnv(env: Env, readFile: ReadFile): EnvReading {
  const globals: GlobalValues = {};
  const policy: Partial<FlatPolicy> = {};
  const files: Record<string, string> = {};
  const problems = unknownVariables(env);

  for (const [name, kind] of Object.entries(GLOBAL_KEYS) as [keyof Global, Kind<unknown>][]) {
    const given = SECRETS.has(name) ? secret(env, name, readFile, files, problems) : env[name]?.trim();
    if (!given) continue;
    const value = kind.read(given);
    if (value === undefined) {
      problems.push(malformed(files[name] === undefined ? name : `${name}_FILE`, given, kind.expected));
    } else Object.assign(globals, { [name]: value });
  }
  for (const field of POLICY_FIELDS) {
    const { env: name, envKind, kind } = POLICY_KEYS[field];
    const given = name === undefined ? undefined : env[name]?.trim();
    if (name === undefined || !given) continue;
    if (!setField(policy, field, envKind ?? kind, given))
      problems.push(malformed(name, given, (envKind ?? kind).expected));
  }
  return { globals, policy, files, problems };
}

const malformed = (name: string, given: string, expected: string): Problem => ({
  place: `env ${name}`,
  found: SECRETS.has(name.replace(/_FILE$/, '')) ? 'a value that is not shown' : quote(given),
  expected,
  remedy: 'Correct the value, or remove the variable to get the default.',
});

function unknownVariables(env: Env): Problem[] {
  const known = new Set(ENV_NAMES);
  const strangers = Object.keys(env).filter(name => name.startsWith(PREFIX) && !known.has(name) && env[name]?.trim());
  return strangers.sort().map(name => {
    const meant = nearest(name, known);
    return {
      place: `env ${name.slice(0, 80)}`,
      found: 'an unknown variable with our prefix',
      expected: 'one of the variables in docs/settings.md',
      remedy: meant === undefined ? 'Remove it or correct its name.' : `Did you mean ${meant}?`,
    };
  });
}

/** The value itself, or what the file named by `NAME_FILE` holds, without the line end that editors leave. */
function secret(
  env: Env,
  name: string,
  readFile: ReadFile,
  files: Record<string, string>,
  problems: Problem[],
): string | undefined {
  const value = env[name]?.trim();
  const file = env[`${name}_FILE`]?.trim();
  if (!file) return value;
  if (value) {
    problems.push({
      place: `env ${name}_FILE`,
      found: `both ${name} and ${name}_FILE`,
      expected: 'one of the two',
      remedy: `Remove ${name}, so that the secret is not shown by docker inspect.`,
    });
    return value;
  }
  try {
    files[name] = file;
    const content = readFile(file).trim();
    if (content === '') problems.push(badFile(name, file, 'which is empty'));
    return content;
  } catch (error) {
    problems.push(badFile(name, file, `which cannot be read (${codeOf(error)})`));
    return undefined;
  }
}

const badFile = (name: string, file: string, why: string): Problem => ({
  place: `env ${name}_FILE`,
  found: `${quote(file)}, ${why}`,
  expected: 'a file that holds the secret and that the watchdog can read',
  remedy: 'Check the path inside the container, the mount, and the owner and mode of the file.',
});

/** `ENOENT`, `EACCES`, ...; the error in words where it has no code. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : String(error);
}
