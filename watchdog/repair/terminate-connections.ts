import type { Docker } from '../adapters/docker/docker.ts';
import { durationFrom } from '../domain/duration-from.ts';
import { mask } from '../domain/mask.ts';
import type { Told } from '../domain/playbook.ts';
import type { Order, Strategy } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';
import { type Duration, inWords, minutes, seconds } from '../domain/time.ts';

type Engine = Pick<Docker, 'exec'>;

/**
 * Pools close what they do not use after ten minutes (HikariCP's `idleTimeout`, PgBouncer's `server_idle_timeout`), so what has been
 * idle for longer was forgotten by whoever opened it.
 */
const IDLE: Duration = minutes(10);
const SUPERUSER = 'postgres';

/**
 * Ends the sessions of a PostgreSQL server that have been idle for long, so that others find a place. Asks the server itself, through
 * `psql` in its container. Whoever is at work, in a transaction, waits for notifications, holds an advisory lock or replicates is let
 * be: their silence is meant. Has failed where there was nothing to end: then another cause took the places.
 */
export const terminateConnections = (docker: Engine): Strategy => ({
  name: 'terminate-connections',
  danger: 'service',
  summary: 'ends sessions of a PostgreSQL server that have been idle for long',
  apply: async ({ order, target, signal, journal }) => {
    const { idle, argv } = await queryFor(docker, order, target, signal);
    journal('terminate', { containerId: target.id, idle });
    const { exitCode, said } = await docker.exec(target.id, argv, signal);
    if (exitCode !== 0)
      throw new Error(
        `psql in ${target.name} ended with ${exitCode ?? 'its container'}${said && `: ${mask(said).slice(-200)}`}`,
      );
    const answer = answerIn(said, target);
    journal('terminated', { ...answer });
    const { sessions, of, limit } = answer;
    if (sessions === 0)
      throw new Error(
        `no session of ${target.name} has been idle for ${inWords(idle)} and could be spared: ${of} of ${limit} connections are in use`,
      );
    return undefined;
  },
  // A session that was ended is opened again by whoever needs it.
  undo: async () => undefined,
  recover: async steps => {
    if (steps.length === 0) return 'nothing had been done yet';
    const done = steps.find(({ step }) => step === 'terminated');
    return done === undefined
      ? 'how many sessions were ended is not known; none is ended again by itself'
      : `${done.data.sessions} sessions had been ended`;
  },
});

const KNOWN = ['idle', 'user', 'database', 'host'];

async function queryFor(
  docker: Engine,
  { with: told }: Pick<Order, 'with'>,
  target: Replica,
  signal: AbortSignal,
): Promise<{ readonly idle: Duration; readonly argv: readonly string[] }> {
  const stranger = Object.keys(told).find(name => !KNOWN.includes(name));
  if (stranger !== undefined) throw wrong(stranger, 'an unknown parameter', KNOWN.join(', '));
  const idle = told.idle === undefined ? IDLE : durationFrom(String(told.idle));
  if (idle === undefined || idle < seconds(1))
    throw wrong('idle', String(told.idle), 'a duration of a second or more: 10m');
  const user = textIn(told, 'user') ?? (await superuserOf(docker, target, signal));
  const host = textIn(told, 'host');
  const where = host === undefined ? [] : ['-h', host];
  const who = [...where, '-U', user, '-d', textIn(told, 'database') ?? 'postgres'];
  // A setting of the session, so that no value is ever a part of the query.
  const options = `PGOPTIONS=-c ${IDLE_SETTING}=${idle / 1_000}s`;
  // No file of the user's, no password asked for, one bare line for the row.
  return { idle, argv: ['env', options, 'psql', '-X', '-w', '-q', '-A', '-t', ...who, '-c', QUERY] };
}

function textIn(told: Told, name: string): string | undefined {
  const value = told[name];
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(name, JSON.stringify(value), 'a text');
}

const wrong = (name: string, found: string, expected: string): Error =>
  new Error(`terminate-connections: found ${found} for ${name}, expected ${expected}. Correct the playbook.`);

/** The official image and its kin make the superuser that this variable names. */
async function superuserOf(docker: Engine, { id }: Replica, signal: AbortSignal): Promise<string> {
  const { exitCode, said } = await docker.exec(id, ['printenv', 'POSTGRES_USER'], signal);
  return exitCode === 0 && said !== '' ? said : SUPERUSER;
}

/** Any name with a dot is a setting of one's own (PostgreSQL, "Customized Options"). */
const IDLE_SETTING = 'compose_watchdog.idle';

/** Where the server is: through a Unix socket there is no address. */
const HERE = `(inet_server_addr() IS NULL OR inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1')`;
const CLIENTS = `backend_type = 'client backend' AND pid <> pg_backend_pid()`;

/**
 * One row: whether the server is the container's own, how many sessions were ended, how many there were, how many there may be. Of
 * PostgreSQL 10 and later (`backend_type` in `pg_stat_activity`). `idle` is not `idle in transaction`.
 */
const QUERY = `
SELECT ${HERE},
  (SELECT count(*) FROM (
    SELECT pg_terminate_backend(pid) AS done FROM pg_stat_activity AS session
    WHERE ${HERE} AND ${CLIENTS} AND state = 'idle' AND state_change < now() - current_setting('${IDLE_SETTING}')::interval
      AND query !~* '^\\s*listen\\M'
      AND NOT EXISTS (SELECT FROM pg_locks WHERE pg_locks.pid = session.pid AND locktype = 'advisory')
  ) AS ended WHERE done),
  (SELECT count(*) FROM pg_stat_activity WHERE ${CLIENTS}),
  current_setting('max_connections')`;

interface Answer {
  readonly sessions: number;
  readonly of: number;
  readonly limit: number;
}

function answerIn(said: string, { name }: Replica): Answer {
  const [, here, ...numbers] = /^([tf])\|(\d+)\|(\d+)\|(\d+)$/m.exec(said) ?? [];
  if (here === undefined)
    throw new Error(`psql in ${name} gave an answer that cannot be read: ${mask(said).slice(0, 200)}`);
  if (here === 'f')
    throw new Error(`psql in ${name} reaches a server that is not in this container; no session was ended`);
  const [sessions = 0, of = 0, limit = 0] = numbers.map(Number);
  return { sessions, of, limit };
}
