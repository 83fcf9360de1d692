import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Logger } from '../../watchdog/adapters/logger.ts';
import { withoutRepeats } from '../../watchdog/adapters/without-repeats.ts';

const FULL = 'the ledger cannot be used: database or disk is full';

let now: number;
let lines: unknown[];
let logger: Logger;
beforeEach(() => {
  now = 0;
  lines = [];
  const say: Logger['error'] = (...line) => void lines.push(line);
  logger = withoutRepeats({ error: say, warn: say, info: say, debug: say }, { monotonic: () => now });
});

describe('a logger without repeats', () => {
  test('says a complaint that comes again and again once a minute, and how often it came meanwhile', () => {
    for (now = 0; now <= 60_000; now += 100) logger.error('attending failed', { service: `shop/s${now}`, error: FULL });

    expect(lines).toEqual([
      ['attending failed', { service: 'shop/s0', error: FULL }],
      ['attending failed', { service: 'shop/s60000', error: FULL, unsaid: 599 }],
    ]);
  });

  test('says complaints that differ, in their words or in their error', () => {
    logger.warn('round failed', { error: FULL });
    logger.warn('round failed', { error: 'timeout' });
    logger.error('attending failed', { error: FULL });

    expect(lines).toHaveLength(3);
  });

  test('never holds back what is no complaint', () => {
    for (let time = 0; time < 3; time++) {
      logger.info('settings reloaded', { error: FULL });
      logger.error('incident escalated', { service: 'shop/web' });
    }

    expect(lines).toHaveLength(6);
  });

  test('does not grow with the number of complaints', () => {
    for (let id = 0; id < 1_000; id++) logger.error('failed', { error: `container ${id}` });
    logger.error('failed', { error: 'container 0' });
    logger.error('failed', { error: 'container 999' });

    expect(lines).toHaveLength(1_001);
  });
});
