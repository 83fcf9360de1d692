import { expect, test } from '@jest/globals';
import type { Health, State } from '../../watchdog/domain/service.ts';
import { statusOf } from '../../watchdog/record/service-status.ts';
import { aService } from './a-service.ts';

test.each<[State, Health, string]>([
  ['running', 'healthy', 'healthy'],
  ['running', 'none', 'running'],
  ['running', 'starting', 'starting'],
  ['running', 'unhealthy', 'unhealthy'],
  ['paused', 'healthy', 'paused'],
  ['restarting', 'none', 'restarting'],
  ['exited', 'unhealthy', 'exited'],
  ['created', 'none', 'exited'],
  ['removing', 'none', 'exited'],
  ['dead', 'none', 'dead'],
])('a container that is %s with health %s is shown as %s', (state, health, status) => {
  expect(statusOf(aService({ state, health }))).toBe(status);
});

test('a service is as well as its worst container', () => {
  expect(statusOf(aService({ health: 'healthy' }, { health: 'unhealthy' }, { health: 'starting' }))).toBe('unhealthy');
});

test('a service without containers has no status', () => {
  expect(statusOf(aService())).toBeUndefined();
});
