import type { StandingError } from '../../watchdog/domain/error-book.ts';
import type { RecognisedError } from '../../watchdog/domain/log-error.ts';
import { ago } from './a-service.ts';

/** An error in the log of shop-web-1, written once just before NOON, that no playbook repairs. */
export function aStandingError(differing: Partial<Omit<StandingError, 'error'> & RecognisedError> = {}): StandingError {
  const { type, severity, tier, pattern, captures, alarm, ...rest } = differing;
  return {
    containerId: 'shop-web-1-id',
    error: {
      type: type ?? 'PORT_CONFLICT',
      severity: severity ?? 'error',
      tier: tier ?? 'certain',
      pattern: pattern ?? 'address-in-use',
      captures: captures ?? {},
      ...(alarm && { alarm }),
    },
    firstAt: ago('30s'),
    lastAt: ago('30s'),
    count: 1,
    sample: 'bind: address already in use',
    remedy: 'none',
    ...rest,
  };
}
