import type { Case } from '../domain/decision.ts';
import type { Policy } from '../domain/policy.ts';
import type { Attempt, Past } from '../domain/repair.ts';
import { type Duration, type Instant, waitingUntil } from '../domain/time.ts';

/**
 * The attempts that the cap counts. A size changes as often as its load does, at the pace that its own windows, rates and cooldowns
 * allow (docs/decisions/0012-sizes-and-gates.md); of its attempts only those count that did not work.
 */
export const cappedAttempts = ({ past, policy, incident, now }: Pick<Case, 'past' | 'policy' | 'incident' | 'now'>) =>
  past.attempts.filter(
    ({ at, outcome }) =>
      waitingUntil(at, policy.window, now) !== undefined && (incident.kind !== 'mis-sized' || outcome !== 'healed'),
  );

/** Attempts that did not heal since the last one that did, oldest first. */
export function failuresInARow(past: Past): readonly Attempt[] {
  const lastHealed = past.attempts.findLastIndex(attempt => attempt.outcome === 'healed');
  return past.attempts.slice(lastHealed + 1).filter(attempt => attempt.endedAt !== undefined);
}

/**
 * Until when a replica is left alone after a repair that worked; undefined when it is not cooling down. Whatever the repair was
 * for: a container that was restarted a moment ago has been given what a restart can give.
 * @param replica its number; undefined for the host, which cools down as a whole
 */
export function coolingUntil(
  replica: number | undefined,
  { past, otherAttempts, now }: Pick<Case, 'past' | 'otherAttempts' | 'now'>,
  cooldown: Duration,
): Instant | undefined {
  const healed = [...past.attempts, ...otherAttempts].filter(
    ({ outcome, replicas }) => outcome === 'healed' && (replica === undefined || replicas.includes(replica)),
  );
  const until = healed.flatMap(({ endedAt }) => (endedAt && waitingUntil(endedAt, cooldown, now)) ?? []);
  return until.length === 0 ? undefined : Math.max(...until);
}

/**
 * The wait after the n-th failure in a row: `initial * factor^(n-1)`, capped, then spread by up to a fifth so that services
 * that failed together do not try again together (client-go, util/flowcontrol/backoff.go: jitter is added, never taken away).
 * @param failures how many in a row, at least 1
 * @param jitter in [0, 1)
 */
export function backoffDelay(failures: number, backoff: Policy['backoff'], jitter: number): Duration {
  const full = Math.min(backoff.initial * backoff.factor ** (failures - 1), backoff.max);
  return Math.round(full * (1 + 0.2 * jitter));
}
