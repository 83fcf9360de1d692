import { type Condition, conditionOf } from '../domain/condition.ts';
import { QUIET_AFTER, SEVERAL, type StandingError } from '../domain/error-book.ts';
import type { Incident } from '../domain/incident.ts';
import { SEVERITIES } from '../domain/log-error.ts';
import type { Replica, Service } from '../domain/service.ts';
import { type Instant, seconds } from '../domain/time.ts';
import { patientFrom } from './patient-from.ts';
import { whyReadOnly } from './read-only.ts';

/** Illnesses of which the patient's own log may tell the cause. The others come from outside, or are our own doing. */
const EXPLAINED_BY_LOGS: readonly Condition[] = ['unhealthy', 'exited', 'restarting', 'never-started', 'probe-broken'];
const LONGEST_QUOTE = 200;

/**
 * The errors that still count at this time: of containers that are there, from this life of theirs, not quiet for too long. Who has
 * fallen writes nothing, however long: its last words stay what they were.
 */
export const stillCounting = (
  service: Service,
  standing: readonly StandingError[],
  at: Instant,
): readonly StandingError[] =>
  standing.filter(({ containerId, lastAt }) => {
    const replica = service.replicas.find(({ id }) => id === containerId);
    if (replica === undefined || lastAt < beginningOf(replica)) return false;
    return hasFallen(replica) || at - lastAt < QUIET_AFTER;
  });

/** It ended, and not because it was done: it writes nothing more until it is started again. */
export const hasFallen = ({ state, exitCode }: Pick<Replica, 'state' | 'exitCode'>): boolean =>
  state === 'restarting' || (state === 'exited' && exitCode !== 0);

/**
 * The first lines of a life may be dated before its start, because the engine notes that only afterwards; the last ones of the
 * life before are read a little after its end. What lies between end and start is divided in the middle.
 */
function beginningOf({ inspected }: Replica): Instant {
  const { startedAt, finishedAt } = inspected ?? {};
  if (startedAt === undefined) return 0;
  return finishedAt !== undefined && finishedAt < startedAt ? (finishedAt + startedAt) / 2 : startedAt - seconds(1);
}

/**
 * Why the patients are ill, where their logs say so. With a playbook against the cause the cause is the incident: who only starts
 * again what cannot run wastes its attempts, and does harm where the playbook leaves it to people. Without one the illness stays
 * what it is, and people are told what the log says.
 */
export function explained(ill: Incident, service: Service, counting: readonly StandingError[]): Incident {
  if (!EXPLAINED_BY_LOGS.includes(ill.condition)) return ill;
  const sick = new Set(ill.patients.map(({ id }) => id));
  const lead = leadOf(
    counting.filter(told => sick.has(told.containerId) && !told.error.alarm && explains(told, service)),
  );
  if (lead === undefined) return ill;
  const because = `${ill.because}; its log says ${inWords(lead, service)}`;
  const evidence = { ...ill.evidence, ...evidenceOf(lead) };
  if (lead.remedy === 'none') return { ...ill, because, evidence };
  return {
    ...incidentOf(lead, service, counting, false),
    because,
    evidence,
    patients: ill.patients.filter(({ id }) => hasIt(id, lead, counting)),
    since: ill.since,
    stoppedByHandAt: ill.stoppedByHandAt,
  };
}

/** What mends itself does so only while it runs, and has done so once it was well again. */
function explains({ remedy, containerId, lastAt }: StandingError, { replicas }: Service): boolean {
  if (remedy !== 'patience') return true;
  const replica = replicas.find(({ id }) => id === containerId);
  return replica?.state === 'running' && (replica.seen.healthyAt ?? 0) < lastAt;
}

/**
 * The incident of a service whose log tells of an attack, whatever else is wrong with it. Never one of the others: those are
 * repaired, and are over when the log is quiet; this one is over when a person says so.
 */
export function attacked(service: Service, counting: readonly StandingError[]): Incident | undefined {
  const told = counting.filter(({ error }) => error.alarm);
  const lead = leadOf(told);
  if (lead === undefined) return undefined;
  const because = `the log of ${namesOf(service.replicas, lead, told)} tells of an attack: ${quoteOf(lead.sample)}`;
  return { ...incidentOf(lead, service, told, true), kind: 'attacked', condition: 'attacked', because };
}

/**
 * The incident that the logs of containers make with which nothing else is wrong: what a playbook repairs for a log's word alone;
 * else what is critical or was written several times, for people. Undefined when there is none.
 * @param sound those that our own eyes find nothing wrong with
 */
export function erred(
  service: Service,
  sound: readonly Replica[],
  counting: readonly StandingError[],
): Incident | undefined {
  const told = counting.filter(
    ({ containerId, remedy, error }) =>
      remedy !== 'patience' && !error.alarm && sound.some(({ id }) => id === containerId),
  );
  const lead = leadOf(told.filter(error => error.remedy === 'even-if-well' || isForPeople(error)));
  if (lead === undefined) return undefined;
  return {
    ...incidentOf(lead, service, told, true),
    because: `the log of ${namesOf(sound, lead, told)} says ${inWords(lead, service)}`,
  };
}

/** Of what nobody repairs, a single record of a container that is well is no trouble: it happened, and it went on. */
const isForPeople = ({ error: { severity }, count }: StandingError): boolean =>
  severity === 'critical' || (severity === 'error' && count >= SEVERAL);

function incidentOf(
  lead: StandingError,
  service: Service,
  counting: readonly StandingError[],
  elseWell: boolean,
): Omit<Incident, 'because'> {
  const { error, sample } = lead;
  return {
    project: service.project,
    service: service.service,
    kind: 'erring',
    condition: conditionOf(error.type),
    patients: service.replicas.filter(({ id }) => hasIt(id, lead, counting)).map(patientFrom),
    evidence: evidenceOf(lead),
    since: lead.firstAt,
    stoppedByHandAt: undefined,
    error: { ...error, sample, elseWell },
  };
}

/** What can be repaired comes first, then what is worse, then what came first: what follows is mostly its consequence. */
const leadOf = (errors: readonly StandingError[]): StandingError | undefined =>
  errors.toSorted(
    (a, b) =>
      Number(a.remedy === 'none') - Number(b.remedy === 'none') ||
      SEVERITIES.indexOf(b.error.severity) - SEVERITIES.indexOf(a.error.severity) ||
      a.firstAt - b.firstAt ||
      // So that the same errors always make the same incident.
      Number(a.error.type > b.error.type) - Number(a.error.type < b.error.type),
  )[0];

const hasIt = (id: string, { error: { type } }: StandingError, counting: readonly StandingError[]): boolean =>
  counting.some(({ containerId, error }) => containerId === id && error.type === type);

const namesOf = (replicas: readonly Replica[], lead: StandingError, counting: readonly StandingError[]): string =>
  replicas
    .filter(({ id }) => hasIt(id, lead, counting))
    .map(({ name }) => name)
    .join(', ');

function inWords(lead: StandingError, { replicas }: Service): string {
  const { error, sample, containerId } = lead;
  const why = whyReadOnly(
    lead,
    replicas.find(({ id }) => id === containerId),
  );
  return `${error.type}: ${quoteOf(sample)}${why === undefined ? '' : `; ${why}`}`;
}

const quoteOf = (sample: string): string => {
  const text = sample.trim().replaceAll(/\s+/g, ' ');
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
};

const evidenceOf = ({ error: { type, severity, pattern }, count }: StandingError): Incident['evidence'] => ({
  error: type,
  errorPattern: pattern,
  errorSeverity: severity,
  errorCount: count,
});
