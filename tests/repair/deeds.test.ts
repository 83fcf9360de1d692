import { describe, expect, test } from '@jest/globals';
import type { Blueprint } from '../../watchdog/adapters/docker/docker.ts';
import { Deeds } from '../../watchdog/repair/deeds.ts';

const blueprint = {} as Blueprint;

function anEngine(remove: (id: string) => Promise<void> = async () => {}) {
  const deeds = new Deeds();
  const made: string[] = [];
  const engine = deeds.noted({
    create: async (_: Blueprint, name: string) => {
      made.push(name);
      return `id-${name}`;
    },
    remove,
  });
  return { deeds, engine, made };
}

describe('an event that comes after its repair is over', () => {
  test('is our doing where it tells of a container that we made', async () => {
    const { deeds, engine, made } = anEngine();
    expect(await engine.create(blueprint, 'web-2')).toBe('id-web-2');

    expect(made).toEqual(['web-2']);
    expect(deeds.isOurs({ action: 'create', containerId: 'id-web-2' })).toBe(true);
    expect(deeds.isOurs({ action: 'create', containerId: 'id-web-3' })).toBe(false);
  });

  test('is our doing where it tells of one that we removed, and not where somebody else removes what we made', async () => {
    const { deeds, engine } = anEngine();
    await engine.create(blueprint, 'web-2');
    expect(deeds.isOurs({ action: 'destroy', containerId: 'id-web-2' })).toBe(false);

    await engine.remove('id-web-2');

    expect(deeds.isOurs({ action: 'destroy', containerId: 'id-web-2' })).toBe(true);
  });

  test('is our doing also where the engine removed it and never said so', async () => {
    const { deeds, engine } = anEngine(async () => {
      throw new Error('no answer');
    });
    await expect(engine.remove('one')).rejects.toThrow('no answer');

    expect(deeds.isOurs({ action: 'destroy', containerId: 'one' })).toBe(true);
  });

  test('is forgotten among hundreds, so that a watchdog that repairs for years does not grow', async () => {
    const { deeds, engine } = anEngine();
    for (let nth = 0; nth <= 256; nth += 1) await engine.remove(`${nth}`);

    expect(deeds.isOurs({ action: 'destroy', containerId: '0' })).toBe(false);
    expect(deeds.isOurs({ action: 'destroy', containerId: '1' })).toBe(true);
  });
});
