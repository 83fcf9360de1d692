import { bytesInWords } from '../domain/bytes.ts';
import type { Incident } from '../domain/incident.ts';
import type { MemoryReading } from '../domain/memory.ts';
import type { Replica, Service } from '../domain/service.ts';
import { type Instant, inWords } from '../domain/time.ts';
import { patientFrom } from './patient-from.ts';

/**
 * The host has too little memory, and this service has the container that is to give some back. Whoever was started anew since it
 * was chosen has done so: what is missing still is for the next one.
 * @param replicas those that our own eyes find nothing wrong with
 */
export function memoryLow(
  { project, service }: Service,
  replicas: readonly Replica[],
  memory: MemoryReading | undefined,
  at: Instant,
): Incident | undefined {
  const patient = replicas.find(replica => isToGive(replica, memory));
  if (patient === undefined || memory?.lowSince === undefined) return undefined;
  const { available, availableBytes, lowSince, giver } = memory;
  const left = `${percent(available)} of the host's memory (${bytesInWords(availableBytes)})`;
  const used = bytesInWords(giver?.bytes ?? 0);
  return {
    project,
    service,
    kind: 'starved',
    condition: 'memory-low',
    because: `only ${left} has been available for ${inWords(at - lowSince)}; of those that may be restarted for it ${patient.name} uses the most, ${used}`,
    patients: [patientFrom(patient)],
    evidence: { available: percent(available), availableBytes, usedBytes: giver?.bytes ?? 0 },
    since: lowSince,
    stoppedByHandAt: undefined,
  };
}

/** Whether this container is the one that is to give memory back, and has not done so. */
export const isToGive = ({ id, inspected }: Replica, memory: MemoryReading | undefined): boolean =>
  memory?.lowSince !== undefined &&
  memory.giver?.containerId === id &&
  (inspected?.startedAt ?? 0) < memory.giver.chosenAt;

const percent = (share: number): string => `${Math.round(share * 1_000) / 10} %`;
