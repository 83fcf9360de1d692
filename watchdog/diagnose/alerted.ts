import type { Alert } from '../domain/alert.ts';
import { ALLOWANCES, type MeasuredCondition } from '../domain/allowance.ts';
import type { Condition } from '../domain/condition.ts';
import type { Incident, IncidentKind } from '../domain/incident.ts';
import type { Replica, Service, ServiceRef } from '../domain/service.ts';
import { patientFrom } from './patient-from.ts';

/** What our own eyes see at a look. An alert that names one of these is a reason to look; whether it is so, the look says. */
const SEEN_BY_OUR_OWN_EYES: readonly Condition[] = [
  'unhealthy',
  'exited',
  'restarting',
  'dead',
  'never-started',
  'orphaned-network',
];

/** Worst first; what is not named here comes after them. */
const SEVERITIES = ['critical', 'page', 'error', 'warning', 'info'];

/**
 * The incident that the firing alerts about a service make. One of them leads: those that ask for a repair come before those
 * that are for people only, then the more severe, then the older. The others are named in the sentence.
 * @param replicas those that our own eyes find nothing wrong with: nobody else could be the patient
 */
export function alerted(
  service: Service,
  replicas: readonly Replica[],
  firing: readonly Alert[],
): Incident | undefined {
  const [lead, ...others] = counting(firing, replicas).toSorted(leadingFirst);
  if (lead === undefined) return undefined;
  const condition = measuredConditionOf(lead);
  return {
    ...incidentFrom(service, lead, others),
    kind: condition === undefined ? 'erring' : 'starved',
    condition: condition ?? 'alerting',
    patients: replicas.filter(replica => isAbout(lead, replica)).map(patientFrom),
  };
}

/** As `alerted`, for the host's own: there are no containers to be patients. */
export function hostAlerted(target: ServiceRef, firing: readonly Alert[]): Incident | undefined {
  const [lead, ...others] = firing.toSorted(leadingFirst);
  if (lead === undefined) return undefined;
  const condition = lead.condition === 'disk-low' ? lead.condition : 'alerting';
  return { ...incidentFrom(target, lead, others), kind: 'host', condition, patients: [] };
}

/** Whether an alert about the service fires that makes trouble of this kind. */
export const firesFor = (kind: IncidentKind, service: Service, firing: readonly Alert[]): boolean =>
  counting(firing, service.replicas).some(
    alert => kind === (measuredConditionOf(alert) === undefined ? 'erring' : 'starved'),
  );

/** `HighErrorRate, QueueBacklog`. */
export const namesOf = (alerts: readonly Alert[]): string => alerts.map(({ name }) => name).join(', ');

function incidentFrom(
  { project, service }: ServiceRef,
  { name, fingerprint, wants, severity, foundBy, summary, startsAt }: Alert,
  others: readonly Alert[],
): Omit<Incident, 'kind' | 'condition' | 'patients'> {
  const also = others.length === 0 ? '' : ` (beside it ${namesOf(others)})`;
  return {
    project,
    service,
    because: `the alert ${name} fires${also}${summary === '' ? '' : `: ${summary}`}`,
    evidence: { alert: name, foundBy, ...(severity === undefined ? {} : { severity }) },
    since: startsAt,
    stoppedByHandAt: undefined,
    alert: { name, fingerprint, wants },
  };
}

/** Of what our own eyes see an alert tells nothing more, and one about a container that is not there nothing at all. */
const counting = (firing: readonly Alert[], replicas: readonly Replica[]): readonly Alert[] =>
  firing.filter(alert => !isOurOwnEyesBusiness(alert) && replicas.some(replica => isAbout(alert, replica)));

const isOurOwnEyesBusiness = ({ condition }: Alert): boolean =>
  (SEEN_BY_OUR_OWN_EYES as readonly (string | undefined)[]).includes(condition);

const isAbout = ({ target }: Alert, { id, number }: Replica): boolean =>
  target.containerId === undefined || target.containerId === id || target.number === number;

/** An alert that names what we measure ourselves is about the same trouble: the two share attempts and incident. */
const measuredConditionOf = ({ condition = '' }: Alert): MeasuredCondition | undefined =>
  isMeasured(condition) ? condition : undefined;

const isMeasured = (condition: string): condition is MeasuredCondition => Object.hasOwn(ALLOWANCES, condition);

const leadingFirst = (a: Alert, b: Alert): number =>
  Number(a.wants.kind === 'none') - Number(b.wants.kind === 'none') ||
  severityOf(a) - severityOf(b) ||
  a.startsAt - b.startsAt ||
  // So that the same alerts always make the same incident.
  Number(a.fingerprint > b.fingerprint) - Number(a.fingerprint < b.fingerprint);

function severityOf({ severity = '' }: Alert): number {
  const rank = SEVERITIES.indexOf(severity.toLowerCase());
  return rank < 0 ? SEVERITIES.length : rank;
}
