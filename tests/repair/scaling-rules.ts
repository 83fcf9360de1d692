import { describe, expect, test } from '@jest/globals';
import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import type { ServiceStrategy } from '../../watchdog/domain/repair.ts';
import { isSeed } from '../../watchdog/domain/scaling.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { isWell } from '../../watchdog/domain/wellness.ts';
import { scale } from '../../watchdog/repair/scale.ts';
import { makeMoves, serviceOf } from '../fakes/a-move.ts';
import { unread } from '../fakes/a-work.ts';
import { crashing, type Death } from '../fakes/crashing.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

/** An engine with one service, fake or real. */
export interface Bench {
  readonly docker: Docker;
  /** Begins anew with so many containers of that service, running and well. */
  readonly begin: (replicas: number) => Promise<void>;
  /** All containers of the service. */
  readonly standing: () => Promise<readonly Replica[]>;
}

const forever = new AbortController().signal;

export const scaleOn = (docker: Docker): ServiceStrategy =>
  scale({ docker, clock: new FakeClock(), drainOf: () => undefined });

const deaths = (changes: number): Death[] =>
  Array.from({ length: changes }, (_, i) => i + 1).flatMap(at => [
    { at, change: 'not sent' },
    { at, change: 'carried out, answer never read' },
  ]);

/** DESIGN section 4, rules 5 and 9: whenever the watchdog dies, no container is left half made and none is missing. */
export function scalingRules(bench: Bench): void {
  const survivor = scaleOn(bench.docker);
  const dieWhileScaling = async (death: Death, to: number) => {
    const made = await makeMoves(scaleOn(crashing(bench.docker, death)), serviceOf(await bench.standing()), to);
    expect(made.map(({ error }) => error?.message)).toContain('the watchdog was killed');
    return made;
  };
  const recoverAll = async (made: Awaited<ReturnType<typeof dieWhileScaling>>) => {
    for (const { steps } of made) await survivor.recover(steps, forever, unread);
  };

  // Create and start, twice.
  test.each(deaths(4))('killed at change $at of scaling up ($change), nothing is half made', async death => {
    await bench.begin(1);

    await recoverAll(await dieWhileScaling(death, 3));

    const left = await bench.standing();
    expect(left.map(({ state }) => state)).toEqual(left.map(() => 'running'));
    expect(left.length).toBeGreaterThanOrEqual(1);
    expect(left.length).toBeLessThanOrEqual(3);
  });

  // Stop and remove, twice.
  test.each(deaths(4))(
    'killed at change $at of scaling down ($change), nothing is missing or half gone',
    async death => {
      await bench.begin(3);

      await recoverAll(await dieWhileScaling(death, 1));

      const left = await bench.standing();
      expect(left.map(({ state }) => state)).toEqual(left.map(() => 'running'));
      expect(left.map(({ number }) => number)).toContain(1);
      expect(left.length).toBeLessThanOrEqual(3);
    },
  );

  // Create the seed, stop, remove.
  test.each(deaths(3))(
    'killed at change $at of scaling to nothing ($change), one container remembers how',
    async death => {
      await bench.begin(1);

      await recoverAll(await dieWhileScaling(death, 0));

      const left = await bench.standing();
      const runs = left.filter(isWell).length;
      expect({ runs, seeds: left.filter(isSeed).length, all: left.length }).toEqual({ runs, seeds: 1 - runs, all: 1 });
    },
  );

  describe('recovering', () => {
    test('twice is as good as once', async () => {
      await bench.begin(1);
      const made = await dieWhileScaling({ at: 3, change: 'carried out, answer never read' }, 3);

      await recoverAll(made);
      const once = (await bench.standing()).map(({ id }) => id);
      await recoverAll(made);

      expect((await bench.standing()).map(({ id }) => id)).toEqual(once);
    });
  });
}
