import { composeProject, PATIENT } from './compose-project.ts';
import { ask } from './engine.ts';
import { pause, until } from './wall-clock.ts';

/** The watchdog leaves a project alone for ten seconds after its last container was made or removed (gate `in-flight`). */
const DEPLOY_QUIET = 12_000;

export interface Patient {
  readonly id: string;
  readonly name: string;
}

/** The services of the bench: one Compose project. */
export interface Patients {
  readonly project: string;
  /** Stop at once when asked to. */
  readonly plain: readonly Patient[];
  /** Ignore SIGTERM; their stop grace is two seconds. */
  readonly deaf: readonly Patient[];
  /** Ignore SIGTERM; their stop grace is ten seconds. */
  readonly stubborn: readonly Patient[];
  down(): Promise<void>;
}

const DEAF = 3;
const STUBBORN = 8;
/** A burst takes fifteen plain ones. */
export const LEAST_SERVICES = 15 + DEAF + STUBBORN;

/** Brings the project up and waits until every service is healthy and the deploy counts as over. */
export async function patients(count: number, probeInterval: string, folder: string): Promise<Patients> {
  if (!(count >= LEAST_SERVICES)) throw new Error(`--services: found ${count}, expected at least ${LEAST_SERVICES}`);
  const project = `cw-bench-${process.pid}`;
  const down = await composeProject(project, composeFile(count, probeInterval), folder, () => allWell({ project }));
  const all = await listed(project);
  const group = (prefix: string) => all.filter(({ name }) => name.startsWith(`${project}-${prefix}-`));
  await pause(DEPLOY_QUIET);
  return { project, plain: group('plain'), deaf: group('deaf'), stubborn: group('stubborn'), down };
}

/** Waits until every service is healthy again, whoever made it so. */
export async function allWell({ project }: Pick<Patients, 'project'>): Promise<void> {
  await until('all services healthy', async () => (await ill(project)).length === 0, 300_000, 500);
}

/** Cures by hand what the healer has left ill. */
export async function cure({ project }: Pick<Patients, 'project'>): Promise<void> {
  await Promise.all((await ill(project)).map(({ id }) => ask('POST', `/containers/${id}/restart?t=0`)));
}

type Entry = { Id: string; Names: string[]; State: string; Status: string };

async function entries(project: string): Promise<Entry[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`com.docker.compose.project=${project}`] }));
  return await ask<Entry[]>('GET', `/containers/json?all=1&filters=${filters}`);
}

const asPatient = ({ Id, Names }: Entry): Patient => ({ id: Id, name: (Names[0] ?? '').slice(1) });

async function listed(project: string): Promise<Patient[]> {
  return (await entries(project)).map(asPatient).sort((a, b) => a.name.localeCompare(b.name));
}

async function ill(project: string): Promise<Patient[]> {
  return (await entries(project)).filter(({ Status }) => !Status.endsWith('(healthy)')).map(asPatient);
}

function composeFile(count: number, interval: string): object {
  const names = (prefix: string, length: number) => Array.from({ length }, (_, n) => `${prefix}-${n + 1}`);
  const services = [
    ...names('plain', count - DEAF - STUBBORN).map(name => [name, service({}, interval)]),
    ...names('deaf', DEAF).map(name => [name, ignoring('2s', interval, '1s')]),
    ...names('stubborn', STUBBORN).map(name => [name, ignoring('10s', interval)]),
  ];
  return { services: Object.fromEntries(services) };
}

/** Longer than any check is held (`measures/held-checks.ts`); only those that are to time out have a timeout of their own. */
const PROBE_TIMEOUT = '90s';

const ignoring = (grace: string, interval: string, probeTimeout?: string) =>
  service({ environment: { PATIENT_IGNORES_TERM: '1' }, stop_grace_period: grace }, interval, probeTimeout);

const service = (rest: object, interval: string, timeout = PROBE_TIMEOUT) => ({
  image: PATIENT,
  // What the engine needs for interfaces and bridges is nobody's merit, and it differs from machine to machine.
  network_mode: 'none',
  healthcheck: { test: ['CMD', 'patient', 'check'], interval, timeout, retries: 1 },
  // By these labels other healers know what they may touch.
  labels: { autoheal: 'true', 'deunhealth.restart.on.unhealthy': 'true' },
  ...rest,
});
