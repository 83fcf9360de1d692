import type { Patient } from '../domain/incident.ts';
import type { Replica } from '../domain/service.ts';

export const patientFrom = ({ id, name, number }: Replica): Patient => ({ id, name, number });
