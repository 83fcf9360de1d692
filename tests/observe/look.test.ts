import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Replica } from '../../watchdog/domain/service.ts';
import { look } from '../../watchdog/observe/look.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import { aFinding, aHealthyReplica, aReplica } from '../fakes/a-service.ts';
import { anEvent } from './an-event.ts';

let stack: StackKeeper;
let engine: Map<string, Replica>;
let looks: string[];

beforeEach(() => {
  stack = new StackKeeper(() => []);
  engine = new Map();
  looks = [];
});

/** Known to the stack, by its list or by an inspect, and there in the engine. */
function known(...replicas: Replica[]): void {
  for (const replica of replicas) {
    stack.put(replica);
    engine.set(replica.id, aReplica({ ...replica, inspected: {} }));
  }
}

const web = (differing: Parameters<typeof aReplica>[0] = {}) => aReplica({ inspected: null, ...differing });

async function looksFor(source: 'events' | 'rounds' | 'follow-up', containerId?: string): Promise<string[]> {
  const target = { project: 'shop', service: 'web', ...(containerId === undefined ? {} : { containerId }) };
  const inspect = async (id: string) => {
    looks.push(id);
    return engine.get(id);
  };
  await look(aFinding({ source, target }), stack, { inspect });
  return looks.sort();
}

describe('a look', () => {
  test('at what an event names costs one inspect', async () => {
    known(web(), web({ number: 2 }), web({ number: 3 }));

    expect(await looksFor('events', 'shop-web-2-id')).toEqual(['shop-web-2-id']);
  });

  test('at a service that is named as a whole costs one for each replica', async () => {
    known(web(), web({ number: 2 }));

    expect(await looksFor('follow-up')).toEqual(['shop-web-1-id', 'shop-web-2-id']);
  });

  test('takes in those that are not well and nobody has looked at', async () => {
    known(web(), web({ number: 2, state: 'exited' }), aReplica({ number: 3, state: 'exited' }));

    expect(await looksFor('events', 'shop-web-1-id')).toEqual(['shop-web-1-id', 'shop-web-2-id']);
  });

  test('is not deceived by an answer that events have overtaken', async () => {
    known(web({ state: 'exited' }));
    const answers = [web({ state: 'exited', inspected: {} }), web({ inspected: {} })];
    const inspect = async () => {
      stack.apply(anEvent('start'), false);
      return answers.shift();
    };

    await look(aFinding({ target: { project: 'shop', service: 'web' } }), stack, { inspect });

    expect(stack.replica('shop-web-1-id')).toMatchObject({ state: 'running', inspected: {} });
    expect(answers).toEqual([]);
  });

  test('after a round costs nothing where nothing has changed since the last', async () => {
    known(aReplica({ state: 'exited', exitCode: 0 }));

    expect(await looksFor('rounds', 'shop-web-1-id')).toEqual([]);
  });

  test('after a round counts the failures of what is unhealthy, which the list does not show', async () => {
    known(aHealthyReplica({ health: 'unhealthy' }));

    expect(await looksFor('rounds', 'shop-web-1-id')).toEqual(['shop-web-1-id']);
  });

  test('at a child of a network takes in the parent’s start, once', async () => {
    known(web({ networkParent: 'vpn-id' }), web({ service: 'vpn', id: 'vpn-id', name: 'vpn' }));

    expect(await looksFor('events', 'shop-web-1-id')).toEqual(['shop-web-1-id', 'vpn-id']);

    looks = [];

    expect(await looksFor('events', 'shop-web-1-id')).toEqual(['shop-web-1-id']);
  });

  test('after a round takes in both start times anew, for no list shows a restart that no event told of', async () => {
    known(
      aReplica({ networkParent: 'vpn-id' }),
      aReplica({ service: 'vpn', id: 'vpn-id', name: 'vpn' }),
      aReplica({ service: 'other' }),
    );

    expect(await looksFor('rounds', 'shop-web-1-id')).toEqual(['shop-web-1-id', 'vpn-id']);
  });

  test('at what was created and never started takes in what runs beside it', async () => {
    known(
      web({ state: 'created' }),
      web({ service: 'db', id: 'db-id', name: 'db' }),
      web({ service: 'job', id: 'job-id', name: 'job', state: 'exited' }),
    );

    expect(await looksFor('events', 'shop-web-1-id')).toEqual(['db-id', 'shop-web-1-id']);
  });

  test('finds a container that was made after the last round', async () => {
    engine.set('new-id', aReplica({ id: 'new-id' }));

    await looksFor('events', 'new-id');

    expect(stack.replica('new-id')).toBeDefined();
  });

  test('forgets a container that is gone', async () => {
    known(web());
    engine.clear();

    await looksFor('events', 'shop-web-1-id');

    expect(stack.service({ project: 'shop', service: 'web' })).toBeUndefined();
  });

  test('does not leave the host’s own incidents to the stack', async () => {
    await look(aFinding({ target: { project: 'host', service: 'engine', containerId: 'x' } }), stack, {
      inspect: () => Promise.reject(new Error('asked')),
    });
  });
});
