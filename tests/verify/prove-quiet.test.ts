import { beforeEach, describe, expect, test } from '@jest/globals';
import { Notices } from '../../watchdog/adapters/notices.ts';
import type { Proof } from '../../watchdog/domain/repair.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { ALERT_LIMIT, proveQuiet } from '../../watchdog/verify/prove-quiet.ts';
import { aHealthyReplica } from '../fakes/a-service.ts';
import { aFiringAlert, FakeAlerts } from '../fakes/fake-alerts.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';

const ALERT = aFiringAlert();
const WEB = { project: 'shop', service: 'web' };

let clock: FakeClock;
let notices: Notices;
let alerts: FakeAlerts;
let container: Replica;
let stop: AbortController;
let shown: Proof | undefined;
let failed: unknown;
beforeEach(() => {
  clock = new FakeClock();
  notices = new Notices();
  alerts = new FakeAlerts();
  container = aHealthyReplica();
  stop = new AbortController();
  shown = undefined;
  failed = undefined;
});

async function prove(what: 'container' | 'host' = 'container'): Promise<void> {
  const well = what === 'host' ? undefined : container;
  const eyes = { docker: { inspect: async () => container }, notices, clock, alerts };
  proveQuiet(WEB, ALERT, well, eyes, stop.signal).then(
    proof => {
      shown = proof;
    },
    error => {
      failed = error;
    },
  );
  await settled();
}

describe('a repair that an alert asked for is healed', () => {
  test('at once when the alert has ended already', async () => {
    await prove();

    expect(shown).toEqual({ healed: true, code: 'proven', because: 'the alert HighErrorRate no longer fires' });
    expect(clock.pending).toBe(0);
  });

  test('as soon as it ends', async () => {
    alerts.fires(ALERT);
    await prove();
    await clock.advance(minutes(7));
    expect(shown).toBeUndefined();

    alerts.ends(ALERT);
    await settled();

    expect(shown?.code).toBe('proven');
    expect(clock.pending).toBe(0);
  });
});

describe('it is not healed', () => {
  beforeEach(() => alerts.fires(ALERT));

  test.each(['container', 'host'] as const)(
    'when the alert about a %s fires on for longer than any rule needs to forget',
    async what => {
      await prove(what);
      await clock.advance(ALERT_LIMIT - 1);
      expect(shown).toBeUndefined();

      await clock.advance(1);

      expect(shown).toEqual({
        healed: false,
        code: 'still-firing',
        because: 'the alert HighErrorRate still fires after 10m',
      });
    },
  );

  test('when the container falls ill meanwhile, without waiting for the alert any longer', async () => {
    await prove();
    await clock.advance(seconds(30));

    container = { ...container, health: 'unhealthy' };
    notices.announce(container.id);
    await settled();

    expect(shown?.code).toBe('still-unhealthy');
  });
});

test('a stop of the watchdog ends the waiting without a proof', async () => {
  alerts.fires(ALERT);
  await prove();

  stop.abort(new Error('told to stop'));
  await settled();

  expect(shown).toBeUndefined();
  expect(failed).toEqual(new Error('told to stop'));
});
