import type { Case } from '../domain/decision.ts';
import { type Instant, waitingUntil } from '../domain/time.ts';

/** Until when what still runs is left alone, because its playbook says that what its log tells of mends itself. Undefined: no longer. */
export function mendingUntil({
  incident,
  playbook,
  now,
}: Pick<Case, 'incident' | 'playbook' | 'now'>): Instant | undefined {
  if (incident.error === undefined || playbook?.patience === undefined) return undefined;
  return waitingUntil(incident.since, playbook.patience, now);
}
