import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { recreateContainer } from '../../watchdog/repair/recreate.ts';
import { rejoinNetwork } from '../../watchdog/repair/rejoin-network.ts';
import { aWork, unread } from '../fakes/a-work.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { replacementRules } from './replacement-rules.ts';

const forever = new AbortController().signal;
let engine: FakeEngine;
let mostRunning: number;

const standing = () => engine.containersOf('web');

beforeEach(() => {
  engine = new FakeEngine(systemClock);
  mostRunning = 0;
  engine.onCall = () => {
    mostRunning = Math.max(mostRunning, standing().filter(({ runs }) => runs).length);
  };
});

const begin = async (): Promise<Replica> => {
  for (const { id } of standing()) engine.removeByHand(id);
  const replica = await engine.docker.inspect(engine.up());
  if (replica === undefined) throw new Error('the engine lost what it has just made');
  return replica;
};

describe('a recreate', () => {
  replacementRules({
    // The engine is another one in each test.
    docker: new Proxy({} as FakeEngine['docker'], {
      get: (_, name: keyof FakeEngine['docker']) => engine.docker[name],
    }),
    begin,
    standing: async () => Object.fromEntries(standing().map(({ name, runs }) => [name, runs])),
  });

  test('never lets both containers run', async () => {
    const work = aWork(await begin());
    const strategy = recreateContainer(engine.docker);

    await strategy.apply(work);
    await strategy.undo?.(work.steps, forever);

    expect(mostRunning).toBe(1);
  });

  test('does not start an old container that did not run before', async () => {
    const { id } = await begin();
    engine.crash(id);
    const target = (await engine.docker.inspect(id)) as Replica;
    const work = aWork(target);
    const strategy = recreateContainer(engine.docker);

    await strategy.apply(work);
    await strategy.undo?.(work.steps, forever);

    expect(standing().map(({ name, state }) => [name, state])).toEqual([[target.name, 'exited']]);
  });

  test('keeps the new container when somebody has removed the old one meanwhile', async () => {
    const target = await begin();
    const work = aWork(target);
    const strategy = recreateContainer(engine.docker);
    const newId = await strategy.apply(work);
    engine.crash(String(newId));
    engine.removeByHand(target.id);

    expect(await strategy.recover?.(work.steps, forever, work.journal)).toBe(
      'the old container is gone; the new one has its place',
    );
    expect(standing().map(({ name, runs }) => [name, runs])).toEqual([[target.name, true]]);
  });

  test('has nothing to do when everything was taken down meanwhile', async () => {
    const work = aWork(await begin());
    const strategy = recreateContainer(engine.docker);
    await strategy.apply(work);
    for (const { id } of standing()) engine.removeByHand(id);

    expect(await strategy.recover?.(work.steps, forever, work.journal)).toBe(
      'both the old container and the new one are gone',
    );
  });

  test('journals no secret: where the containers are, not what they are made of', async () => {
    engine.up({ labels: { password: 'hunter2' } });
    const target = (await engine.docker.inspect('shop-web-1')) as Replica;
    const work = aWork(target);

    await recreateContainer(engine.docker).apply(work);

    expect(work.steps.map(({ step }) => step)).toEqual(['create', 'stop-old', 'swap-names', 'start-new']);
    expect(JSON.stringify(work.steps)).not.toContain('hunter2');
  });

  test('stops with the grace of the service unless the user set one', async () => {
    const timeouts: unknown[] = [];
    const docker = { ...engine.docker };
    docker.stop = async (id, timeout) => {
      timeouts.push(timeout);
      await engine.docker.stop(id, timeout);
    };

    for (const stopTimeout of [undefined, 5_000]) {
      await recreateContainer(docker).apply(aWork(await begin(), { stopTimeout }));
    }

    expect(timeouts).toEqual([undefined, 5_000]);
  });
});

describe('rejoining a network', () => {
  test('is a restart where the parent is the same container', async () => {
    const target = await begin();
    const work = aWork(target);

    expect(await rejoinNetwork(engine.docker).apply(work)).toBeUndefined();
    expect(engine.count('restart')).toBe(1);
    expect(work.steps).toEqual([]);
  });

  test('is a recreate into the network of the new parent where it was replaced', async () => {
    const parent = engine.up({ service: 'vpn' });
    const old = engine.up({ networkParent: parent });
    const target = (await engine.docker.inspect(old)) as Replica;
    engine.removeByHand(parent);
    const newParent = engine.up({ service: 'vpn' });
    const work = aWork(target, { with: { networkParent: newParent } });
    const strategy = rejoinNetwork(engine.docker);

    const id = await strategy.apply(work);
    await strategy.confirm?.(work.steps, forever);

    expect(await engine.docker.inspect(target.name)).toMatchObject({ id, networkParent: newParent, state: 'running' });
    expect(standing()).toHaveLength(1);
  });

  test('has nothing to recover after a restart', async () => {
    expect(await rejoinNetwork(engine.docker).recover?.([], forever, unread)).toBe('nothing had been done yet');
  });
});
