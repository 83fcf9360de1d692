import { isWatchdog, type Replica } from './service.ts';
import { isSetAside } from './set-aside.ts';

/**
 * Why a container that has what the patient needs is not stale, in words that follow its name; undefined where it is. Stale is only
 * what the patient itself has come after: of the same service, made before it, and either of the same container number, of which
 * Compose keeps one (it was making another and was broken off), or made by `docker compose run`. All others are somebody's.
 */
export function whyNotStale(holder: Replica, patient: Replica): string | undefined {
  if (holder.project !== patient.project) return `a container of the project ${holder.project}`;
  if (holder.service !== patient.service) return `which is of the service ${holder.service} of the same project`;
  if (isWatchdog(holder)) return 'which is a watchdog';
  if (isSetAside(holder)) return 'which was set aside, and which somebody has started again';
  if (!holder.oneOff && holder.number !== patient.number)
    return 'another replica of the same service: a fixed port of the host is for one of them only';
  if (holder.createdAt >= patient.createdAt) return `which was made after ${patient.name}`;
  return undefined;
}
