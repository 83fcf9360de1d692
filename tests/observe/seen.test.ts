import { describe, expect, test } from '@jest/globals';
import type { EngineEvent } from '../../watchdog/adapters/docker/docker.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { isStopping } from '../../watchdog/domain/wellness.ts';
import { afterEvent } from '../../watchdog/observe/seen.ts';
import { aHealthyReplica, aReplica, NOON } from '../fakes/a-service.ts';
import { aSample } from '../fakes/some-samples.ts';
import { anEvent } from './an-event.ts';

/** What is known after these events, one every 100 ms. Sequences as engines 20.10 to 28 send them. */
function told(events: readonly EngineEvent[], before: Replica = aReplica(), ours = false): Replica {
  return events.reduce((replica, event, n) => afterEvent(replica, { ...event, at: NOON + n * 100 }, ours), before);
}

const kill = (signal: string) => anEvent('kill', { signal });
const die = (exitCode: number) => anEvent('die', { exitCode });
const stop = anEvent('stop');
const start = anEvent('start');

describe('who ended it', () => {
  test.each([
    ['docker stop', [kill('15'), die(143), stop], true],
    ['docker stop of what ignores SIGTERM', [kill('15'), kill('9'), die(137), stop], true],
    ['docker stop, by the name of its signal', [kill('SIGTERM'), die(0), stop], true],
    ['docker stop of what ends on SIGQUIT, before the engine says stop', [kill('3'), die(0)], true],
    ['docker stop of Apache, which ends on SIGWINCH', [kill('28'), die(0)], true],
    ['docker stop of HAProxy, which ends on SIGUSR1', [kill('10'), die(0)], true],
    ['docker stop with the engine’s stop before its die', [kill('9'), stop, die(137)], true],
    ['docker kill', [kill('9'), die(137)], false],
    ['docker kill by name', [kill('SIGKILL'), die(137)], false],
    ['a crash', [die(1)], false],
    ['out of memory', [anEvent('oom'), die(137)], false],
    ['a crash after a reload', [kill('1'), die(1)], false],
  ] as const)('%s: by hand is %s', (_, events, byHand) => {
    expect(told(events).seen.stoppedByHandAt !== undefined).toBe(byHand);
  });

  test('a crash long after a signal that was to end it is a crash', () => {
    const before = told([kill('15')]);

    expect(afterEvent(before, { ...die(1), at: NOON + 601_000 }, false).seen.stoppedByHandAt).toBeUndefined();
  });

  test('an end with 0 long after a reload is not laid to it', () => {
    const before = told([kill('1')]);

    expect(afterEvent(before, { ...die(0), at: NOON + 10_000 }, false).seen.stoppedByHandAt).toBeUndefined();
  });

  test('is dated by its death', () => {
    expect(told([kill('15'), die(0), stop]).seen.stoppedByHandAt).toBe(NOON + 100);
  });

  test('our own stop is nobody’s intent and no crash', () => {
    const { seen } = told([kill('15'), die(143), stop], aReplica(), true);

    expect(seen).toMatchObject({ stoppedByHandAt: undefined, deaths: [], signalled: undefined });
  });

  test('whoever starts it again ends that', () => {
    expect(told([kill('15'), die(0), stop, start]).seen).toMatchObject({
      stoppedByHandAt: undefined,
      signalled: undefined,
    });
  });
});

describe('whether it is being stopped', () => {
  test.each([
    ['after SIGTERM', [kill('15')], true],
    ['after SIGTERM and a reload', [kill('15'), kill('1')], true],
    ['after a reload', [kill('1')], false],
    ['after SIGKILL alone: it is as good as dead', [kill('9')], false],
    ['after its death', [kill('15'), die(0)], false],
    ['after its next start', [kill('15'), die(0), stop, start], false],
  ] as const)('%s: %s', (_, events, stopping) => {
    expect(isStopping(told(events), NOON + 1_000)).toBe(stopping);
  });
});

describe('the light state', () => {
  test.each([
    ['start', [start], { state: 'running', health: 'none' }],
    ['die', [die(3)], { state: 'exited', exitCode: 3 }],
    ['pause', [anEvent('pause')], { state: 'paused' }],
    ['unpause', [anEvent('pause'), anEvent('unpause')], { state: 'running' }],
    ['docker restart', [kill('15'), die(0), stop, start, anEvent('restart')], { state: 'running' }],
    ['a rename', [anEvent('rename', { name: 'shop-web-9' })], { name: 'shop-web-9', state: 'running' }],
  ] as const)('follows %s', (_, events, expected) => {
    expect(told(events)).toMatchObject(expected);
  });

  test('takes no health from before a start for the present one', () => {
    expect(told([die(1), start], aHealthyReplica({ health: 'unhealthy' })).health).toBe('starting');
  });

  test('follows the health check, and remembers when it was well', () => {
    const well = told([anEvent('health', { health: 'healthy' })], aHealthyReplica({ health: 'starting' }));
    const ill = told([anEvent('health', { health: 'unhealthy' })], well);

    expect(well).toMatchObject({ health: 'healthy', seen: { healthyAt: NOON } });
    expect(ill).toMatchObject({ health: 'unhealthy', seen: { healthyAt: NOON } });
  });

  test.each(['start', 'die', 'pause', 'unpause', 'health', 'update'] as const)(
    'makes the last inspect void after %s',
    action => {
      expect(told([anEvent(action)]).inspected).toBeUndefined();
    },
  );

  test.each(['start', 'die', 'update'] as const)('voids what was measured before %s', action => {
    const measured = { ...aHealthyReplica({}), samples: [aSample()] };

    expect(told([anEvent(action)], measured).samples).toEqual([]);
    expect(told([anEvent('pause')], measured).samples).toHaveLength(1);
  });

  test.each(['kill', 'rename', 'restart', 'oom'] as const)('keeps the last inspect after %s', action => {
    expect(told([anEvent(action)]).inspected).toBeDefined();
  });
});

test('the engine’s oom event counts until the next start', () => {
  expect(told([anEvent('oom'), die(137)]).seen.oom).toBe(true);
  expect(told([anEvent('oom'), die(137), start]).seen.oom).toBe(false);
});

test('of many deaths the last ten are kept', () => {
  const events = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? die(1) : start));

  const { deaths } = told(events).seen;

  expect(deaths).toHaveLength(10);
  expect(deaths.at(-1)).toBe(NOON + 38 * 100);
});
