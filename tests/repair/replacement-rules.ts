import { describe, expect, test } from '@jest/globals';
import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { recreateContainer } from '../../watchdog/repair/recreate.ts';
import { aWork } from '../fakes/a-work.ts';
import { crashing, type Death } from '../fakes/crashing.ts';

/** An engine with one service, fake or real. */
export interface Bench {
  readonly docker: Docker;
  /** Begins anew with one container of that name, running. */
  readonly begin: () => Promise<Replica>;
  /** All containers of the service: whether they run, by name. */
  readonly standing: () => Promise<Readonly<Record<string, boolean>>>;
}

const forever = new AbortController().signal;

/** Create, stop the old one, two names, start, remove the old one. */
const CHANGES = 6;
/** Stop and remove the new one, a name, start. */
const CHANGES_BACK = 4;

const deaths = (changes: number): Death[] =>
  Array.from({ length: changes }, (_, i) => i + 1).flatMap(at => [
    { at, change: 'not sent' },
    { at, change: 'carried out, answer never read' },
  ]);

/** DESIGN section 4, rule 5: whenever the watchdog dies, a recreate leaves exactly one container, and it runs. */
export function replacementRules(bench: Bench): void {
  const dies = (death: Death) => recreateContainer(crashing(bench.docker, death));
  const survivor = recreateContainer(bench.docker);

  describe('whenever the watchdog dies', () => {
    test.each(deaths(CHANGES))('at change $at of a recreate ($change), one container remains and runs', async death => {
      const target = await bench.begin();
      const work = aWork(target);
      const doomed = dies(death);
      const life = doomed.apply(work).then(() => doomed.confirm?.(work.steps, forever));
      await expect(life).rejects.toThrow('the watchdog was killed');

      await survivor.recover?.(work.steps, forever, work.journal);

      expect(await bench.standing()).toEqual({ [target.name]: true });
    });

    test.each(deaths(CHANGES_BACK))(
      'at change $at on the way back ($change), the old container runs again',
      async death => {
        const target = await bench.begin();
        const work = aWork(target);
        const newId = await survivor.apply(work);
        await bench.docker.stop(String(newId), undefined);
        await expect(dies(death).undo?.(work.steps, forever)).rejects.toThrow('the watchdog was killed');

        await survivor.recover?.(work.steps, forever, work.journal);

        expect(await bench.standing()).toEqual({ [target.name]: true });
        expect((await bench.docker.inspect(target.name))?.id).toBe(target.id);
      },
    );
  });

  test('recovering twice is as good as once', async () => {
    const target = await bench.begin();
    const work = aWork(target);
    await expect(dies({ at: 3, change: 'not sent' }).apply(work)).rejects.toThrow();

    await survivor.recover?.(work.steps, forever, work.journal);
    await survivor.recover?.(work.steps, forever, work.journal);

    expect(await bench.standing()).toEqual({ [target.name]: true });
  });

  test('the old container is stopped once on the way back, however many watchdogs die over it', async () => {
    const target = await bench.begin();
    const work = aWork(target);
    await expect(dies({ at: 2, change: 'carried out, answer never read' }).apply(work)).rejects.toThrow();
    await survivor.recover?.(work.steps, forever, work.journal);
    const stopped: string[] = [];
    const stop: Docker['stop'] = async (id, ...how) => {
      stopped.push(id);
      await bench.docker.stop(id, ...how);
    };
    const get = (docker: Docker, name: keyof Docker) => (name === 'stop' ? stop : docker[name]);

    await recreateContainer(new Proxy(bench.docker, { get })).recover?.(work.steps, forever, work.journal);

    expect(stopped).toEqual([]);
    expect(await bench.standing()).toEqual({ [target.name]: true });
  });

  test('a replacement that runs when the watchdog is back is kept, and the old container removed', async () => {
    const target = await bench.begin();
    const work = aWork(target);
    const newId = await survivor.apply(work);

    const sentence = await survivor.recover?.(work.steps, forever, work.journal);

    expect(sentence).toBe('the new container runs; the old one is removed');
    expect((await bench.docker.inspect(target.name))?.id).toBe(newId);
    expect(await bench.standing()).toEqual({ [target.name]: true });
  });

  test('a replacement that is not proven makes way for the old container', async () => {
    const target = await bench.begin();
    const work = aWork(target);
    await survivor.apply(work);

    const sentence = await survivor.undo?.(work.steps, forever);

    expect(sentence).toBe('the old container is back');
    expect((await bench.docker.inspect(target.name))?.id).toBe(target.id);
    expect(await bench.standing()).toEqual({ [target.name]: true });
  });

  test('until it is confirmed the old container stands by under another name, stopped', async () => {
    const target = await bench.begin();
    const work = aWork(target);

    await survivor.apply(work);
    const before = await bench.standing();
    await survivor.confirm?.(work.steps, forever);

    expect(Object.values(before).sort()).toEqual([false, true]);
    expect(before[target.name]).toBe(true);
    expect(await bench.standing()).toEqual({ [target.name]: true });
  });
}
