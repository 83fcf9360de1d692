import { expect, test } from '@jest/globals';
import { EngineError } from '../../watchdog/adapters/docker/docker.ts';
import { portTaken } from '../../watchdog/repair/port-refusal.ts';

/** As engines from 20.10 to 29 say it. */
const REFUSALS = [
  'driver failed programming external connectivity on endpoint web (4711): Bind for 0.0.0.0:8080 failed: port is already allocated',
  'driver failed programming external connectivity on endpoint web (4711): Error starting userland proxy: listen tcp4 0.0.0.0:8080: bind: address already in use',
  'failed to set up container networking: driver failed programming external connectivity on endpoint web (4711): failed to bind host port for 0.0.0.0:8080:172.18.0.2:80/tcp: address already in use',
  'failed to set up container networking: driver failed programming external connectivity on endpoint web (4711): failed to bind host port 0.0.0.0:8080/tcp: address already in use',
  'Bind for :::8080 failed: port is already allocated',
  'Error starting userland proxy: listen tcp6 [::1]:8080: bind: address already in use',
];

test.each(REFUSALS)('the engine says which port is taken: %s', words => {
  const refusal = new EngineError('engine-error', words, 500);

  expect(portTaken(refusal, [80, 8080])).toBe(8080);
  expect(portTaken(refusal, [808])).toBeUndefined();
});

test.each([
  new EngineError('engine-error', 'no space left on device: 0.0.0.0:8080', 500),
  new Error('Bind for 0.0.0.0:8080 failed: port is already allocated'),
])('it says so of none where it is about something else: %s', refusal => {
  expect(portTaken(refusal, [8080])).toBeUndefined();
});
