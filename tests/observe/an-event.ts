import type { EngineEvent } from '../../watchdog/adapters/docker/docker.ts';
import { NOON } from '../fakes/a-service.ts';

let told = 0;

/** An event about shop/web's first container, at NOON; each with an identity of its own. */
export const anEvent = (action: EngineEvent['action'], differing: Partial<EngineEvent> = {}): EngineEvent => ({
  action,
  containerId: 'shop-web-1-id',
  name: 'shop-web-1',
  project: 'shop',
  service: 'web',
  number: 1,
  oneOff: false,
  at: NOON,
  identity: `${++told}`,
  exitCode: undefined,
  signal: undefined,
  health: undefined,
  ...differing,
});
