import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding } from '../../watchdog/domain/finding.ts';
import type { Replica, ServiceRef } from '../../watchdog/domain/service.ts';
import { Rounds } from '../../watchdog/observe/rounds.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import { aReplica } from '../fakes/a-service.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { anEvent } from './an-event.ts';

let stack: StackKeeper;
let rounds: Rounds;
/** What the engine's list shows. */
let list: Replica[];
let clock: FakeClock;
let open: ServiceRef[];
/** `start web shop-web-1-id` */
let found: string[];
let gaps: string[][];

beforeEach(() => {
  stack = new StackKeeper(() => []);
  list = [];
  open = [];
  clock = new FakeClock();
  found = [];
  gaps = [];
  rounds = new Rounds({
    docker: { list: async () => list },
    stack,
    project: undefined,
    inScope: project => project === 'shop',
    openIncidents: () => open,
    emit: ({ source, target }: Finding) =>
      void found.push(
        [source, target.service, ...(target.containerId === undefined ? [] : [target.containerId])].join(' '),
      ),
    onListed: () => undefined,
    onGap: replicas => gaps.push(replicas.map(({ name }) => name)),
    clock,
  });
});

const listed = (differing: Parameters<typeof aReplica>[0] = {}) => aReplica({ ...differing, inspected: null });

async function round(...replicas: Replica[]): Promise<string[]> {
  found = [];
  list = replicas;
  rounds.reportGaps();
  await rounds.make();
  return found;
}

describe('a round', () => {
  test.each([
    ['runs', listed(), false],
    ['is healthy', listed({ health: 'healthy' }), false],
    ['is starting', listed({ health: 'starting' }), false],
    ['is unhealthy', listed({ health: 'unhealthy' }), true],
    ['ended', listed({ state: 'exited', exitCode: 1 }), true],
    ['was never started', listed({ state: 'created' }), true],
    ['is paused', listed({ state: 'paused' }), false],
    ['is being removed', listed({ state: 'removing' }), false],
    ['is a one-off that ended', listed({ state: 'exited', oneOff: true }), false],
    ['belongs to a project that is not watched', listed({ state: 'exited', project: 'bank' }), false],
  ])('finds what %s: worth a look is %#', async (_, replica, worth) => {
    await round();

    expect((await round(replica)).length > 0).toBe(worth);
  });

  test('is called a start the first time', async () => {
    expect(await round(listed({ state: 'exited' }))).toEqual(['start web shop-web-1-id']);
    expect(await round(listed({ state: 'exited' }))).toEqual(['rounds web shop-web-1-id']);
  });

  test('finds a service once, however many of its containers are sick', async () => {
    expect(await round(listed({ state: 'exited' }), listed({ state: 'exited', number: 2 }))).toHaveLength(1);
  });

  test('looks at what has an open incident, also when it is well or gone, and once', async () => {
    open = [
      { project: 'shop', service: 'web' },
      { project: 'shop', service: 'gone' },
    ];

    expect(await round(listed())).toEqual(['start web', 'start gone']);
    expect(await round(listed({ state: 'exited' }))).toEqual(['rounds web shop-web-1-id', 'rounds gone']);
  });

  test('looks at every child of a network each time, for no list shows that its parent was restarted', async () => {
    const parent = listed({ service: 'vpn', id: 'vpn-id', name: 'vpn' });
    const child = listed({ networkParent: 'vpn-id' });

    expect(await round(parent, child)).toEqual(['start web shop-web-1-id']);
    expect(await round(parent, child)).toEqual(['rounds web shop-web-1-id']);
    expect(await round(child)).toEqual(['rounds web shop-web-1-id']);
  });

  test('forgets what is not listed any more, but not what was made while the list was under way', async () => {
    await round(listed());
    stack.put(aReplica({ number: 2 }));
    list = [];
    const making = rounds.make();
    stack.put(aReplica({ number: 3 }));
    await making;

    expect([...stack.ids()]).toEqual(['shop-web-3-id']);
  });

  test('does not believe a list that an event has overtaken', async () => {
    await round(listed());
    const making = rounds.make();
    stack.apply(anEvent('die', { exitCode: 1 }), false);
    rounds.explained('shop-web-1-id');
    await making;

    expect(stack.replica('shop-web-1-id')?.state).toBe('exited');
  });

  test('does not believe a list that was asked for right after an event: the engine tells before it lists', async () => {
    await round(listed());
    stack.apply(anEvent('die', { exitCode: 1 }), false);
    rounds.explained('shop-web-1-id');
    await clock.advance(2_000);
    await round(listed());

    expect(stack.replica('shop-web-1-id')?.state).toBe('exited');

    await clock.advance(1);
    await round(listed());

    expect(stack.replica('shop-web-1-id')?.state).toBe('running');
  });

  test('counts how often in a row the engine was found restarting it, whatever was seen in between', async () => {
    const seen = () => stack.replica('shop-web-1-id')?.seen.roundsRestarting;
    await round(listed({ state: 'restarting' }));
    stack.put(aReplica());
    await round(listed({ state: 'restarting' }));

    expect(seen()).toBe(2);

    await round(listed());

    expect(seen()).toBe(0);
  });
});

describe('a change that only the list shows', () => {
  const ill = listed({ health: 'unhealthy' });

  test('is looked at', async () => {
    await round(listed({ health: 'healthy' }));

    expect(await round(ill)).toEqual(['rounds web shop-web-1-id']);
  });

  test('is a gap when no event has told of it by the following round', async () => {
    await round(listed({ health: 'healthy' }));
    await round(ill);

    expect(gaps).toEqual([]);

    await round(ill);

    expect(gaps).toEqual([['shop-web-1']]);

    await round(ill);

    expect(gaps).toHaveLength(1);
  });

  test('is none when its event was only late', async () => {
    await round(listed({ health: 'healthy' }));
    await round(ill);
    rounds.explained('shop-web-1-id');
    await round(ill);

    expect(gaps).toEqual([]);
  });

  test('is none when an event had told of it before', async () => {
    await round(listed({ health: 'healthy' }));
    stack.apply(anEvent('health', { health: 'unhealthy' }), false);
    await round(ill);
    await round(ill);

    expect(gaps).toEqual([]);
  });

  test('of a container nobody knew is no gap', async () => {
    await round();
    await round(ill);
    await round(ill);

    expect(gaps).toEqual([]);
  });
});
