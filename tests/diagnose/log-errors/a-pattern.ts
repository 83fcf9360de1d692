import type { LogPattern } from '../../../watchdog/domain/log-error.ts';

/** A pattern that can be used, with what a test changes. */
export const aPattern = (change: Partial<LogPattern> = {}): LogPattern => ({
  name: 'a-pattern',
  type: 'API_FAILURE',
  severity: 'error',
  tier: 'certain',
  heedsLevel: false,
  alarm: false,
  services: [],
  expressions: ['the payment failed'],
  with: [],
  unless: [],
  matches: [],
  misses: [],
  source: 'patterns.yml',
  ...change,
});
