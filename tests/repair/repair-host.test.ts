import { beforeEach, describe, expect, test } from '@jest/globals';
import { diskRef } from '../../watchdog/domain/disk.ts';
import type { HostStrategy, Proof } from '../../watchdog/domain/repair.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { repairHost } from '../../watchdog/repair/repair-host.ts';
import { Slots } from '../../watchdog/repair/slots.ts';
import { anOrder } from '../fakes/a-service.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';
import { engineSays } from '../fakes/fake-engine.ts';

const ORDER = anOrder({ ...diskRef('/'), kind: 'host', condition: 'disk-low', strategy: 'sweep', targets: [] });
const PROVEN: Proof = { healed: true, code: 'proven', because: '30 % is free' };
const STILL: Proof = { healed: false, code: 'still-ill', because: '5 % is free' };
const forever = new AbortController().signal;

/** What happened, in order. */
let story: string[];
let clock: FakeClock;
beforeEach(() => {
  story = [];
  clock = new FakeClock();
});

const sweep = (applyToHost: HostStrategy['applyToHost'] = async () => 'swept 2 GB'): HostStrategy => ({
  name: 'sweep',
  danger: 'none',
  summary: 'sweeps',
  applyToHost,
});

function repair(strategy: HostStrategy, proof: Proof = PROVEN, signal = forever) {
  const docker = { inspect: async () => undefined };
  const hands = { docker, slots: new Slots(1), clock, engineMargin: seconds(30), stopping: forever };
  const record = { note: (step: string) => void story.push(step), acted: () => void story.push('acted') };
  const prove = async () => {
    story.push('looked');
    return proof;
  };
  return repairHost(strategy, ORDER, record, hands, prove, signal);
}

describe('a repair of the host', () => {
  test('journals its steps, and is proven by a fresh look after it', async () => {
    const strategy = sweep(async ({ journal }) => {
      journal('build-cache', {});
      return 'swept 2 GB';
    });

    expect(await repair(strategy)).toEqual({ outcome: 'healed', code: 'proven', because: 'swept 2 GB; 30 % is free' });
    expect(story).toEqual(['build-cache', 'acted', 'looked']);
  });

  test('that did not help says what was done and what the look showed', async () => {
    expect(await repair(sweep(), STILL)).toEqual({
      outcome: 'not-healed',
      code: 'still-ill',
      because: 'swept 2 GB; 5 % is free',
    });
  });

  test.each([
    ['the engine refused', engineSays('conflict'), 'conflict'],
    ['something else threw', new Error('no such folder'), 'refused'],
  ])('fails when %s, and nothing is proven', async (_what, error, code) => {
    const ended = await repair(sweep(() => Promise.reject(error)));

    expect(ended).toMatchObject({ outcome: 'failed', code, because: error.message });
    expect(story).toEqual([]);
  });

  test('fails when it has not ended after ten minutes, and is told to end', async () => {
    let told = false;
    const ended = repair(
      sweep(({ signal }) => {
        signal.addEventListener('abort', () => {
          told = true;
        });
        return new Promise(() => undefined);
      }),
    );
    await clock.advance(minutes(10));

    expect(await ended).toMatchObject({ outcome: 'failed', code: 'timeout' });
    expect(told).toBe(true);
  });

  test('that a stop cuts short stays in the journal as unfinished', async () => {
    const stop = new AbortController();
    const ended = repair(
      sweep(() => new Promise(() => undefined)),
      PROVEN,
      stop.signal,
    );
    await settled();

    stop.abort(new Error('told to stop'));

    await expect(ended).rejects.toThrow('told to stop');
  });
});
