import type { Gate } from '../../domain/decision.ts';
import { inWords, waitingUntil } from '../../domain/time.ts';
import { backoffDelay, failuresInARow } from '../attempts.ts';

/** The last repair did not help: wait longer each time before the next. */
export const backoff: Gate = {
  code: 'backoff',
  evenWhenAsked: false,
  objection: ({ past, policy, jitter, now }) => {
    const failures = failuresInARow(past);
    const endedAt = failures.at(-1)?.endedAt;
    if (endedAt === undefined) return undefined;
    const delay = backoffDelay(failures.length, policy.backoff, jitter);
    const until = waitingUntil(endedAt, delay, now);
    if (until === undefined) return undefined;
    return {
      code: 'backoff',
      because: `${failures.length} in a row did not help; the next attempt waits ${inWords(delay)}`,
      until,
      tell: false,
    };
  },
};
