import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import { type Drain, isSeed, MADE_LABEL } from '../../watchdog/domain/scaling.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import { scale } from '../../watchdog/repair/scale.ts';
import { makeMoves, serviceOf } from '../fakes/a-move.ts';
import { unread } from '../fakes/a-work.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { engineSays, FakeEngine } from '../fakes/fake-engine.ts';
import { scaleOn, scalingRules } from './scaling-rules.ts';

const forever = new AbortController().signal;
let engine: FakeEngine;

beforeEach(() => {
  engine = new FakeEngine(systemClock);
});

const standing = () => engine.containersOf('web').map(container => container.inspected());
const names = () => standing().map(({ name }) => name);
const scaleTo = (replicas: number, strategy = scaleOn(engine.docker)) =>
  makeMoves(strategy, serviceOf(standing()), replicas);

/** As the road does when the proof fails or a move threw. */
const undoAll = async (made: Awaited<ReturnType<typeof scaleTo>>) =>
  await Promise.all(made.map(({ steps }) => scaleOn(engine.docker).undo(steps, forever)));

describe('scaling up', () => {
  test('makes new replicas from one that is well, numbered as Compose would', async () => {
    engine.up();
    engine.up({ number: 4 });
    engine.probe('shop-web-4', 'unhealthy');

    const made = await scaleTo(4);

    expect(names()).toEqual(['shop-web-1', 'shop-web-4', 'shop-web-5', 'shop-web-6']);
    expect(engine.count('replicaBlueprint', 'shop-web-1')).toBe(2);
    expect(standing().slice(2)).toMatchObject([
      { number: 5, state: 'running', labels: { [MADE_LABEL]: 'replica' } },
      { number: 6, state: 'running', labels: { [MADE_LABEL]: 'replica' } },
    ]);
    expect(made.map(({ moved }) => moved)).toEqual([
      { toProve: engine.container('shop-web-5')?.id },
      { toProve: engine.container('shop-web-6')?.id },
    ]);
  });

  test('journals each step before it takes it, and no secret', async () => {
    engine.up({ labels: { password: 'hunter2' } });

    const [made] = await scaleTo(2);

    expect(made?.container).toBe('shop-web-2');
    expect(made?.steps.map(({ step }) => step)).toEqual(['add', 'start']);
    expect(JSON.stringify(made?.steps)).not.toContain('hunter2');
  });

  test('keeps the names of a project that Compose v1 made', async () => {
    engine.make({}, 'shop_web_1');
    engine.startByHand('shop_web_1');

    await scaleTo(2);

    expect(names()).toEqual(['shop_web_1', 'shop_web_2']);
  });

  test.each([
    [
      'none of its replicas is well',
      () => engine.make(),
      'no replica of shop/web is well, and a new one is only made from one that is',
    ],
    ['nothing of it is left', () => undefined, 'shop/web has no container left from which a replica could be made'],
    ['it has a name of its own', () => engine.startByHand(engine.make({}, 'frontend')), 'remove container_name'],
  ])('is refused when %s, and says why', async (_why, prepare, sentence) => {
    prepare();

    await expect(scaleTo(2)).rejects.toThrow(sentence);
    expect(engine.count('create')).toBe(0);
  });

  test('takes a replica back that never becomes well, with its volumes', async () => {
    engine.up({ healthcheck: CHECKED });

    const made = await scaleTo(2);

    expect(await undoAll(made)).toEqual(['shop-web-2 is removed again']);
    expect(names()).toEqual(['shop-web-1']);
    expect(engine.volumesRemoved).toEqual(['shop-web-2']);
  });

  test.each([
    ['somebody else has made and not started yet', () => engine.make({ number: 2 })],
    ['an order before has made', () => engine.up({ number: 2, labels: { [MADE_LABEL]: 'replica' } })],
  ])("never takes back what %s under the new replica's name", async (_who, made) => {
    engine.up();
    const service = serviceOf(standing());
    made();

    const moves = await makeMoves(scaleOn(engine.docker), service, 2);

    expect(moves[0]?.error?.message).toBe('the name shop-web-2 is in use');
    expect(await undoAll(moves)).toEqual(['shop-web-2 was not made']);
    expect(names()).toEqual(['shop-web-1', 'shop-web-2']);
  });

  test('has nothing to do when the service has that size', async () => {
    engine.up();

    expect(await scaleTo(1)).toEqual([]);
  });
});

describe('scaling down', () => {
  beforeEach(() => {
    for (const number of [1, 2, 3]) engine.up({ number, healthcheck: CHECKED });
  });

  test('takes the newest number first, with its volumes', async () => {
    const [made] = await scaleTo(2);

    expect(names()).toEqual(['shop-web-1', 'shop-web-2']);
    expect(engine.volumesRemoved).toEqual(['shop-web-3']);
    expect(made?.steps.map(({ step }) => step)).toEqual(['take', 'stop', 'remove']);
    expect(made?.moved).toEqual({ done: 'shop-web-3 was stopped and removed' });
  });

  test('takes those that are not well before those that are, so that the last well one stays', async () => {
    engine.probe('shop-web-1', 'unhealthy');
    engine.crash('shop-web-3');

    await scaleTo(1);

    expect(names()).toEqual(['shop-web-2']);
  });

  test('stops with the own grace of the service unless the user set one', async () => {
    const timeouts: unknown[] = [];
    const docker = { ...engine.docker };
    docker.stop = async (id, timeout) => {
      timeouts.push(timeout);
      await engine.docker.stop(id, timeout);
    };

    await makeMoves(scaleOn(docker), serviceOf(standing()), 2);
    await makeMoves(scaleOn(docker), serviceOf(standing()), 1, { stopTimeout: 5_000 });

    expect(timeouts).toEqual([undefined, 5_000]);
  });

  test('leaves a well one alone when no other is well by the time it is at it', async () => {
    const service = serviceOf(standing());
    for (const name of ['shop-web-1', 'shop-web-2']) engine.probe(name, 'unhealthy');

    const made = await makeMoves(scaleOn(engine.docker), service, 2);

    expect(made[0]?.error?.message).toBe('shop-web-3 stays: no other replica is well any more');
    expect(names()).toHaveLength(3);
  });

  test('does nothing about one that is gone by then', async () => {
    const service = serviceOf(standing());
    engine.removeByHand('shop-web-3');

    expect(await makeMoves(scaleOn(engine.docker), service, 2)).toEqual([]);
  });

  test('starts one again that was stopped and could not be removed', async () => {
    engine.mishap('remove', { error: engineSays('conflict'), done: false });

    const made = await scaleTo(2);

    expect(await undoAll(made)).toEqual(['shop-web-3 stays']);
    expect(engine.container('shop-web-3')?.runs).toBe(true);
  });

  test('that was cut short goes on only while another replica is well', async () => {
    engine.mishap('remove', { error: engineSays('unreachable'), done: false });
    const made = await scaleTo(2);
    for (const name of ['shop-web-1', 'shop-web-2']) engine.crash(name);

    expect(await scaleOn(engine.docker).recover(made[0]?.steps ?? [], forever, unread)).toBe('shop-web-3 stays');
    expect(engine.container('shop-web-3')?.runs).toBe(true);
  });
});

describe('draining', () => {
  const clock = new FakeClock();
  const draining = (drain: Drain) => scale({ docker: engine.docker, clock, drainOf: () => drain });
  const command: Drain = { kind: 'command', argv: ['drain', '--now'], within: seconds(30) };

  beforeEach(() => {
    engine.up();
    engine.up({ number: 2 });
  });

  test('runs the command before the stop, word for word', async () => {
    const told: unknown[] = [];
    engine.program = async (container, argv) => {
      told.push([container, argv, engine.container(container)?.runs]);
      return { exitCode: 0, said: '' };
    };

    const [made] = await scaleTo(1, draining(command));

    expect(told).toEqual([['shop-web-2', ['drain', '--now'], true]]);
    expect(made?.steps.map(({ step }) => step)).toEqual(['take', 'drain', 'drained', 'stop', 'remove']);
    expect(made?.moved).toEqual({ done: 'shop-web-2 was drained, stopped and removed' });
  });

  test('that fails leaves the replica in place: it may hold work that nobody else has', async () => {
    engine.program = async () => ({ exitCode: 3, said: 'still 2 tasks' });

    const made = await scaleTo(1, draining(command));

    expect(made[0]?.error?.message).toBe('shop-web-2 could not be drained: drain ended with 3: still 2 tasks');
    expect(await undoAll(made)).toEqual(['shop-web-2 stays']);
    expect(engine.count('stop')).toBe(0);
  });

  test('that ends its own container is killed with it, an instant before the engine knows', async () => {
    engine.program = async () => ({ exitCode: 137, said: '' });
    engine.onCall = call => {
      if (call === 'untilEnded shop-web-2') engine.crash('shop-web-2', 0);
    };

    await scaleTo(1, draining(command));

    expect(names()).toEqual(['shop-web-1']);
  });

  test('that ends its own container may be forgotten with it', async () => {
    engine.program = async container => {
      engine.crash(container, 0);
      throw engineSays('not-found', 'no such exec');
    };

    await scaleTo(1, draining(command));

    expect(names()).toEqual(['shop-web-1']);
  });

  test('that is killed while its container goes on has failed', async () => {
    engine.program = async () => ({ exitCode: 137, said: '' });

    const scaling = scaleTo(1, draining(command));
    await settled();
    await clock.advance(seconds(6));

    expect((await scaling)[0]?.error?.message).toBe('shop-web-2 could not be drained: drain ended with 137');
  });

  test('that the engine refuses leaves the replica in place', async () => {
    engine.program = () => Promise.reject(engineSays('refused', 'exec is not allowed'));

    const made = await scaleTo(1, draining(command));

    expect(made[0]?.error?.message).toBe('exec is not allowed');
    expect(engine.count('stop')).toBe(0);
  });

  test('that takes longer than its owner allows is stopped all the same', async () => {
    engine.program = (_container, _argv, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('cut short'))));

    const scaling = scaleTo(1, draining(command));
    await clock.advance(seconds(31));
    await scaling;

    expect(names()).toEqual(['shop-web-1']);
  });

  test('by a signal waits until the container has ended', async () => {
    const ended: string[] = [];
    engine.onCall = call => {
      if (call.startsWith('kill')) engine.crash('shop-web-2', 0);
      if (/^(stop|remove)/.test(call)) ended.push(`${call}: ${engine.container('shop-web-2')?.state}`);
    };

    await scaleTo(1, draining({ kind: 'signal', signal: 'SIGUSR1', within: seconds(30) }));

    expect(ended[0]).toBe('stop shop-web-2: exited');
    expect(names()).toEqual(['shop-web-1']);
  });

  test('during which all others fall ill leaves the replica in place, and starts it where its drain has ended it', async () => {
    engine.program = async container => {
      engine.crash(container, 0);
      engine.crash('shop-web-1');
      return { exitCode: 0, said: '' };
    };

    const made = await scaleTo(1, draining(command));

    expect(made[0]?.error?.message).toBe('shop-web-2 stays: no other replica is well any more');
    expect(await undoAll(made)).toEqual(['shop-web-2 stays']);
    expect(engine.container('shop-web-2')?.runs).toBe(true);
    expect(engine.count('stop')).toBe(0);
  });

  test('that a crash cut short leaves the replica in place, to be drained again the next time', async () => {
    const steps = [
      { step: 'take', at: 0, data: { containerId: engine.container('shop-web-2')?.id, name: 'shop-web-2', wanted: 1 } },
      { step: 'drain', at: 0, data: {} },
    ];

    expect(await scaleOn(engine.docker).recover(steps, forever, unread)).toBe('shop-web-2 stays');
    expect(engine.container('shop-web-2')?.runs).toBe(true);
  });
});

describe('scaling to nothing and back', () => {
  test('keeps a seed from which the service comes back', async () => {
    engine.up({ labels: { colour: 'blue' } });
    engine.up({ number: 2 });

    await scaleTo(0);
    const asleep = standing();
    const [woken] = await scaleTo(2);

    expect(asleep).toMatchObject([{ name: 'shop-web-3', state: 'created', labels: { colour: 'blue' } }]);
    expect(asleep.map(isSeed)).toEqual([true]);
    expect(woken?.moved).toEqual({ toProve: asleep[0]?.id });
    expect(standing()).toMatchObject([
      { name: 'shop-web-3', state: 'running' },
      { name: 'shop-web-4', state: 'running', labels: { colour: 'blue', [MADE_LABEL]: 'replica' } },
    ]);
    expect(standing().some(isSeed)).toBe(false);
  });

  test('leaves the only one there is to other repairs when it does not become well', async () => {
    engine.up();
    await scaleTo(0);

    expect(await undoAll(await scaleTo(1))).toEqual(['it stays, as the only one of its service']);
    expect(names()).toEqual(['shop-web-2']);
  });
});

describe('whenever the watchdog dies', () => {
  scalingRules({
    // The engine is another one in each test.
    docker: new Proxy({} as FakeEngine['docker'], {
      get: (_, name: keyof FakeEngine['docker']) => engine.docker[name],
    }),
    begin: async replicas => {
      for (let number = 1; number <= replicas; number += 1) engine.up({ number });
    },
    standing: async () => standing(),
  });
});
