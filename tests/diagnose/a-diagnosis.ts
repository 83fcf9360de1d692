import { diagnose } from '../../watchdog/diagnose/diagnose.ts';
import type { Diagnosis, Incident } from '../../watchdog/domain/incident.ts';
import type { Replica, Service } from '../../watchdog/domain/service.ts';
import { aFinding, aService, aStack } from '../fakes/a-service.ts';

/** What a look at shop/web means at NOON. Its replicas are these, and these other services stand beside it. */
export const diagnosisOf = (replicas: Replica | readonly Replica[], ...others: readonly Service[]): Diagnosis =>
  diagnose(aFinding(), aStack([aService({ replicas: [replicas].flat() }), ...others]));

/** The condition where there is an incident, else the verdict: what most rows of a table are about. */
export const conditionOf = (diagnosis: Diagnosis): string =>
  diagnosis.verdict === 'incident' ? diagnosis.incident.condition : diagnosis.verdict;

/** @throws when there is none */
export function incidentOf(diagnosis: Diagnosis): Incident {
  if (diagnosis.verdict !== 'incident') throw new Error(`no incident but ${diagnosis.verdict}: ${diagnosis.because}`);
  return diagnosis.incident;
}
