import type { Sample } from '../../watchdog/domain/sample.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import { NOON } from './a-service.ts';

/** Of a container with a memory limit of its own, which uses little. At NOON. */
export const aSample = (differing: Partial<Sample> = {}): Sample => ({
  at: NOON,
  cpu: 0.1,
  memoryBytes: 40 * 2 ** 20,
  memory: 0.4,
  memoryLimited: true,
  networkErrors: 0,
  networkErrorsTotal: 0,
  ...differing,
});

/** One every thirty seconds, the newest at NOON: `samplesOf(11, ...)` covers five minutes. */
export const samplesOf = (count: number, differing: Partial<Sample> = {}): readonly Sample[] =>
  Array.from({ length: count }, (_, i) => aSample({ ...differing, at: NOON - (count - 1 - i) * seconds(30) }));
