import { describe, expect, test } from '@jest/globals';
import { warnOfRivals } from '../watchdog/rivals.ts';
import { aReplica, aService } from './fakes/a-service.ts';

const WATCHDOG = { 'compose-watchdog.self': 'true' };
const US = aReplica({ service: 'watchdog', labels: WATCHDOG });
const RIVAL = aReplica({ service: 'watchdog', number: 2, labels: WATCHDOG });

/** What is warned of when these run, in so many rounds. */
function warnings(replicas: (typeof US)[], rounds = 1): unknown[] {
  const said: unknown[] = [];
  const service = aService({ service: 'watchdog', replicas });
  const round = warnOfRivals({
    stack: { services: () => [aService(), service] },
    selfId: US.id,
    logger: { warn: (_message, values) => void said.push(values?.container) },
  });
  for (let count = 0; count < rounds; count++) round();
  return said;
}

describe('another watchdog', () => {
  test('that runs among the services in scope is warned of, once', () => {
    expect(warnings([US, RIVAL], 3)).toEqual([RIVAL.name]);
  });

  test('is not what we are ourselves, nor one that does not run', () => {
    expect(warnings([US, { ...RIVAL, state: 'exited' }])).toEqual([]);
  });
});
