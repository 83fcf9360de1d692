import { beforeEach, describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Replica } from '../../watchdog/domain/service.ts';
import { asideNameOf } from '../../watchdog/domain/set-aside.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import { ago, aReplica, later, NOON } from '../fakes/a-service.ts';
import { aSample } from '../fakes/some-samples.ts';
import { anEvent } from './an-event.ts';

const WEB = { project: 'shop', service: 'web' };

const NOTHING_DECLARED: readonly string[] = [];

let stack: StackKeeper;
beforeEach(() => {
  stack = new StackKeeper(() => NOTHING_DECLARED);
});

/** As a list shows it: not looked into. */
const listed = (differing: Parameters<typeof aReplica>[0] = {}) => aReplica({ ...differing, inspected: null });

describe('what is put in', () => {
  test('is found by id, by name and in its service, ordered by number', () => {
    stack.put(aReplica({ number: 2 }));
    stack.put(aReplica());

    expect(stack.replica('shop-web-2-id')).toBe(stack.replica('shop-web-2'));
    expect(stack.service(WEB)?.replicas.map(({ number }) => number)).toEqual([1, 2]);
  });

  test('keeps the inspection while the list shows nothing new, and loses it when it does', () => {
    stack.put(aReplica());

    expect(stack.put(listed()).inspected).toBeDefined();
    expect(stack.put(listed({ state: 'exited' })).inspected).toBeUndefined();
  });

  test('keeps what only events told', () => {
    stack.put(aReplica());
    stack.apply(anEvent('oom'), false);

    expect(stack.put(listed()).seen.oom).toBe(true);
  });

  test('keeps the labels it had for as long as they say the same, so that nobody has to read them again', () => {
    const { labels } = stack.put(aReplica({ labels: { auto_repair: 'true' } }));

    expect(stack.put(listed({ labels: { auto_repair: 'true' } })).labels).toBe(labels);
    expect(stack.put(listed({ labels: { auto_repair: 'false' } })).labels).toEqual({ auto_repair: 'false' });
    expect(stack.put(listed({ labels: { auto_repair: 'false', more: '' } })).labels).toHaveProperty('more');
  });

  test('as it is known already makes nothing anew, neither the container nor its service', () => {
    const before = stack.put(aReplica());
    const service = stack.service(WEB);

    expect(stack.put(listed())).toBe(before);
    expect(stack.service(WEB)).toBe(service);
    expect(stack.put(listed({ addresses: ['172.20.0.9'] }))).not.toBe(before);
    expect(stack.service(WEB)?.replicas[0]?.addresses).toEqual(['172.20.0.9']);
  });

  test('as it is known already makes nothing anew when it has ended', () => {
    const before = stack.put(aReplica({ state: 'exited' }));

    expect(stack.put(listed({ state: 'exited' }))).toBe(before);
  });

  test('makes known whose network another one shares, though that one was there before', () => {
    stack.put(aReplica({ networkParent: 'shop-vpn-1-id' }));
    const alone = stack.service(WEB)?.dependencies;
    stack.put(aReplica({ service: 'vpn' }));

    expect([alone, stack.service(WEB)?.dependencies]).toEqual([
      [],
      [{ service: 'vpn', condition: 'started', restart: false }],
    ]);
  });

  test('needs what our settings declare now, not what they said before', () => {
    let declared = ['db'];
    stack = new StackKeeper(() => declared);
    stack.put(aReplica());
    const before = stack.service(WEB)?.dependencies.map(({ service }) => service);
    declared = ['cache'];

    const after = stack.service(WEB)?.dependencies.map(({ service }) => service);
    expect([before, after]).toEqual([['db'], ['cache']]);
  });

  test('serves its ports even when the list shows none, because it is stopped', () => {
    stack.put(aReplica({ publishesPorts: true }));

    expect(stack.put(listed({ state: 'exited', publishesPorts: false })).publishesPorts).toBe(true);
  });

  test('and runs was started by somebody, whether or not an event said so', () => {
    stack.put(aReplica({ state: 'exited' }));
    stack.mark('shop-web-1-id', { stoppedByHandAt: ago('1m') });

    expect(stack.put(listed({ state: 'exited' })).seen.stoppedByHandAt).toBe(ago('1m'));
    expect(stack.put(aReplica()).seen.stoppedByHandAt).toBeUndefined();
  });

  test('and runs, as a list has it, may have been stopped just now: nobody forgets that for it', () => {
    stack.put(aReplica({ state: 'exited' }));
    stack.mark('shop-web-1-id', { stoppedByHandAt: ago('1s') });

    expect(stack.put(listed()).seen.stoppedByHandAt).toBe(ago('1s'));
  });

  test('late, after its removal, brings nothing back', () => {
    stack.put(aReplica());
    stack.apply(anEvent('destroy'), false);
    stack.put(aReplica());

    expect(stack.service(WEB)).toBeUndefined();
  });

  test('as a one-off is known by id and never part of its service', () => {
    stack.put(aReplica({ oneOff: true }));

    expect(stack.replica('shop-web-1-id')).toBeDefined();
    expect(stack.service(WEB)).toBeUndefined();
  });
});

test('a container leaves its service when it is set aside, and is part of it again when it is put back', () => {
  stack.put(aReplica());
  const aside = asideNameOf(aReplica());

  stack.apply(anEvent('rename', { name: aside }), true);

  expect(stack.service(WEB)).toBeUndefined();
  expect([...stack.services()]).toEqual([]);
  expect(stack.replica(aside)?.oneOff).toBe(true);

  stack.apply(anEvent('rename', { name: 'shop-web-1' }), true);

  expect(stack.service(WEB)?.replicas.map(({ name }) => name)).toEqual(['shop-web-1']);
});

describe('a deploy', () => {
  test.each([
    ['somebody makes a container', anEvent('create'), false, NOON],
    ['somebody removes one', anEvent('destroy'), false, NOON],
    ['we make one', anEvent('create'), true, undefined],
    ['somebody runs a one-off', anEvent('create', { oneOff: true }), false, undefined],
    ['a container is only started', anEvent('start'), false, undefined],
  ])('is under way after %s', (_, event, ours, at) => {
    stack.put(aReplica());
    stack.apply(event, ours);

    expect(stack.lastDeployAt('shop')).toBe(at);
  });
});

describe('the size of a service', () => {
  const sized = (numbers: readonly number[]) => {
    for (const number of numbers) stack.put(aReplica({ number, id: `web-${number}` }));
  };
  const destroyed = (number: number, at: number) =>
    stack.apply(anEvent('destroy', { containerId: `web-${number}`, at }), false);

  test('is remembered as it was before somebody removed the first of several', () => {
    sized([1, 2, 3]);
    destroyed(3, NOON);
    destroyed(2, NOON + seconds(9));

    expect(stack.resizedByHand(WEB)).toEqual({ at: NOON + seconds(9), before: { all: 3, composes: 3 } });
  });

  test('is another one for who comes later', () => {
    sized([1, 2, 3]);
    destroyed(3, NOON);
    destroyed(2, NOON + seconds(10));

    expect(stack.resizedByHand(WEB)).toEqual({ at: NOON + seconds(10), before: { all: 2, composes: 2 } });
  });

  test("is nobody's choice any more once we are about to change it", () => {
    sized([1, 2, 3]);
    destroyed(3, NOON);

    stack.forgetResize(WEB);

    expect(stack.resizedByHand(WEB)).toBeUndefined();
  });

  test("is nobody's choice when we changed it", () => {
    sized([1, 2]);
    stack.apply(anEvent('destroy', { containerId: 'web-2' }), true);

    expect(stack.resizedByHand(WEB)).toBeUndefined();
  });
});

describe('whose network is gone', () => {
  test('is told by the start of its parent, and by any start while the parent is unknown', () => {
    stack.put(aReplica({ service: 'vpn', id: 'vpn-id' }));
    stack.put(aReplica({ service: 'child', networkParent: 'vpn-id' }));
    stack.put(aReplica({ service: 'other' }));
    const by = (containerId: string) =>
      stack.strandedBy({ containerId, project: 'shop' }).map(({ service }) => service);

    expect(by('vpn-id')).toEqual(['child']);
    expect(by('shop-other-1-id')).toEqual([]);

    stack.remove('vpn-id');

    expect(by('vpn-new-id')).toEqual(['child']);
    expect(stack.ownerOf('vpn-id')).toEqual({ project: 'shop', service: 'vpn' });
  });
});

test('of containers that are gone only the last 500 are remembered', () => {
  for (let n = 0; n < 501; n += 1) {
    stack.put(aReplica({ id: `id-${n}`, name: `name-${n}` }));
    stack.remove(`id-${n}`);
  }

  expect(stack.ownerOf('id-0')).toBeUndefined();
  expect(stack.ownerOf('id-500')).toEqual(WEB);
});

test('whatever is put, told, marked and removed in whatever order, all indexes agree', () => {
  const services = ['web', 'db', 'constructor', '__proto__'];
  const id = fc.integer({ min: 0, max: 7 });
  const place = fc.record({
    project: fc.constantFrom('shop', 'blog', '__proto__'),
    service: fc.constantFrom(...services),
    number: fc.integer({ min: 1, max: 3 }),
    oneOff: fc.boolean(),
  });
  const action = fc.constantFrom('create', 'start', 'die', 'pause', 'rename', 'destroy', 'kill' as const);
  const step = fc.oneof(
    fc.record({ word: fc.constant('put' as const), id }),
    fc.record({ word: fc.constant('apply' as const), id, action, name: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ word: fc.constant('remove' as const), id }),
    fc.record({ word: fc.constant('mark' as const), id }),
    fc.record({ word: fc.constant('ask' as const), id }),
  );
  const places = fc.array(place, { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(places, fc.array(step, { maxLength: 60 }), (homes, steps) => {
      const kept = new StackKeeper(() => []);
      const alive = new Map<string, Replica>();
      const gone = new Set<string>();
      for (const now of steps) {
        const replica = aReplica({ ...homes[now.id], id: `id-${now.id}`, name: `name-${now.id}` });
        if (now.word === 'put') kept.put(replica);
        else if (now.word === 'mark') kept.mark(replica.id, { oom: true });
        else if (now.word === 'remove') kept.remove(replica.id);
        else if (now.word === 'ask') kept.service(replica);
        else kept.apply(anEvent(now.action, { ...homes[now.id], containerId: replica.id, name: now.name }), false);
        if (now.word === 'put' && !gone.has(replica.id)) alive.set(replica.id, replica);
        if (now.word === 'remove' || (now.word === 'apply' && now.action === 'destroy')) {
          if (alive.delete(replica.id)) gone.add(replica.id);
        }
      }
      const serving = [...alive.values()].filter(({ oneOff }) => !oneOff);
      expect([...kept.ids()].sort()).toEqual([...alive.keys()].sort());
      expect([...kept.services()].flatMap(({ replicas }) => replicas.map(r => r.id)).sort()).toEqual(
        serving.map(replica => replica.id).sort(),
      );
      for (const replica of alive.values()) {
        const found = kept.replica(replica.id);
        expect(found).toMatchObject({ project: replica.project, service: replica.service });
        const inService = kept.service(replica)?.replicas.find(r => r.id === replica.id);
        expect(inService).toBe(replica.oneOff ? undefined : found);
        const ofProject = [...kept.services(replica.project)].map(({ service }) => service);
        if (!replica.oneOff) expect(ofProject).toContain(replica.service);
      }
      for (const service of kept.services()) expect(service.replicas.length).toBeGreaterThan(0);
    }),
    { numRuns: 300 },
  );
});

describe('what was measured', () => {
  const [first, second] = [aSample({ at: ago('1m') }), aSample({ at: ago('30s') })];
  const samples = () => stack.replica('shop-web-1')?.samples;
  beforeEach(() => {
    stack.put(aReplica());
    stack.addSample('shop-web-1-id', first);
    stack.addSample('shop-web-1-id', second);
  });

  test('is kept with its container, oldest first, over looks and rounds', () => {
    stack.put(aReplica());
    stack.put(listed());

    expect(samples()).toEqual([first, second]);
    expect(stack.service(WEB)?.replicas[0]?.samples).toHaveLength(2);
  });

  test.each([
    ['its end', () => stack.apply(anEvent('die'), false)],
    ['its start', () => stack.apply(anEvent('start'), true)],
    ['a look that finds it stopped', () => stack.put(listed({ state: 'exited' }))],
    ['a look that finds it started since', () => stack.put(aReplica({ inspected: { startedAt: NOON } }))],
  ])('is forgotten at %s, for it was another life', (_what, change) => {
    change();

    expect(samples()).toEqual([]);
  });

  test('is bounded, however long a container lives', () => {
    for (let at = NOON; at < later('2h'); at += 1_000) stack.addSample('shop-web-1-id', aSample({ at }));

    expect(samples()?.length).toBeLessThanOrEqual(180);
    expect(samples()?.at(-1)?.at).toBe(later('2h') - 1_000);
  });

  test('of a container that is gone meanwhile is dropped', () => {
    stack.remove('shop-web-1-id');
    stack.addSample('shop-web-1-id', aSample());

    expect(stack.service(WEB)).toBeUndefined();
  });
});
