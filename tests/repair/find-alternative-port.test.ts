import { beforeEach, describe, expect, test } from '@jest/globals';
import type { PublishedPort } from '../../watchdog/domain/making.ts';
import type { JournalStep } from '../../watchdog/domain/repair.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { findAlternativePort } from '../../watchdog/repair/find-alternative-port.ts';
import { aWork } from '../fakes/a-work.ts';
import { crashing, type Death } from '../fakes/crashing.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { engineSays, FakeEngine } from '../fakes/fake-engine.ts';

const forever = new AbortController().signal;
const WEB: readonly PublishedPort[] = [{ container: '80/tcp', host: '8080' }];
const PORTS = { web: { inside: [80, 443], range: { first: 9000, last: 9002 } } };

let engine: FakeEngine;

beforeEach(() => {
  engine = new FakeEngine(new FakeClock());
});

const strategy = (docker = engine.docker) => findAlternativePort({ docker, ports: () => PORTS });

/** A container that was made and never started, because a program of the host has its port. */
async function patient(published = WEB, programs = [8080]): Promise<Replica> {
  const container = engine.container(engine.make({ labels: { team: 'a' } }));
  if (container !== undefined) container.howMade = { published };
  for (const port of programs) engine.programs.add(port);
  return (await engine.docker.inspect('shop-web-1')) as Replica;
}

/** The one container of the service, with where it is published. */
function standing() {
  const [container, ...others] = engine.containersOf('web');
  expect(others).toEqual([]);
  const { id, name, runs, howMade } = container ?? {};
  return { id, name, runs, on: howMade?.published?.map(({ host }) => Number(host)) };
}

describe('a container whose port a program of the host has', () => {
  test('is made again with the first port of its range, and all else as it was', async () => {
    const target = await patient();
    const work = aWork(target);

    const newId = await strategy().apply(work);
    await strategy().confirm?.(work.steps, forever);

    expect(standing()).toEqual({ id: newId, name: 'shop-web-1', runs: true, on: [9000] });
    expect((await engine.docker.inspect('shop-web-1'))?.labels).toEqual({ team: 'a' });
  });

  test('is told to people with its new address', async () => {
    const work = aWork(await patient());
    await strategy().apply(work);

    expect(strategy().tells?.(work.steps)).toBe(
      'it is reached on port 9000 of the host in place of 8080 (for its 80/tcp) now, until docker compose up makes it as its file says',
    );
  });

  test('gets none that another container has, and none that another program has', async () => {
    const ports = [{ address: '0.0.0.0', port: 9000, protocol: 'tcp' }];
    engine.strangers.push({ id: 'f'.repeat(64), name: 'old-nginx', owner: undefined, ports });
    const work = aWork(await patient(WEB, [8080, 9001]));

    await strategy().apply(work);
    await strategy().confirm?.(work.steps, forever);

    expect(standing()).toMatchObject({ name: 'shop-web-1', runs: true, on: [9002] });
    expect(strategy().tells?.(work.steps)).toContain('port 9002 of the host in place of 8080');
  });

  test('gets another one for each that is taken, and keeps the others', async () => {
    const published = [...WEB, { container: '443/tcp', host: '8443' }, { container: '443/tcp', host: '8444' }];

    await strategy().apply(aWork(await patient(published, [8080, 8443])));

    const [, made] = engine.containersOf('web');
    expect(made?.howMade.published?.map(({ host }) => host)).toEqual(['9000', '9001', '8444']);
  });

  test('is started as it is where the port is free again', async () => {
    const target = await patient(WEB, []);
    const work = aWork(target);

    expect(await strategy().apply(work)).toBeUndefined();

    expect(standing()).toEqual({ id: target.id, name: 'shop-web-1', runs: true, on: [8080] });
    expect(strategy().tells?.(work.steps)).toBeUndefined();
  });

  test('stays as it is where all of its range is taken', async () => {
    const target = await patient(WEB, [8080, 9000, 9001, 9002]);
    const work = aWork(target);

    await expect(strategy().apply(work)).rejects.toThrow('no port of 9000-9002 is free for 80/tcp in place of 8080');
    await strategy().undo?.(work.steps, forever);

    expect(standing()).toEqual({ id: target.id, name: 'shop-web-1', runs: false, on: [8080] });
  });

  test('has its old container back where the new one is not proven', async () => {
    const target = await patient();
    const work = aWork(target);
    await strategy().apply(work);

    expect(await strategy().undo?.(work.steps, forever)).toBe('the old container is back');

    expect(standing()).toEqual({ id: target.id, name: 'shop-web-1', runs: false, on: [8080] });
  });
});

describe('nothing is made again', () => {
  test('where the start fails for another reason', async () => {
    const target = await patient();
    engine.mishap('start', { error: engineSays('engine-error', 'no space left on device'), done: false });

    await expect(strategy().apply(aWork(target))).rejects.toThrow('no space left on device');

    expect(engine.count('create')).toBe(0);
  });

  test('where nobody has named other ports for what listens inside', async () => {
    const target = await patient([{ container: '7777/tcp', host: '8080' }]);

    await expect(strategy().apply(aWork(target))).rejects.toThrow('there is no range of other ports for 7777/tcp');

    expect(engine.count('create')).toBe(0);
  });

  test('of a container that runs, and so has its ports', async () => {
    engine.up();
    const target = (await engine.docker.inspect('shop-web-1')) as Replica;

    await expect(strategy().apply(aWork(target))).rejects.toThrow('shop-web-1 is running, and so has the ports');

    expect(engine.count('start') + engine.count('create')).toBe(0);
  });
});

/** Start; create, stop, two names, start that is refused, stop, remove, name; the same again, which runs; remove the old one. */
const CHANGES = 15;
const deaths: Death[] = Array.from({ length: CHANGES }, (_, i) => i + 1).flatMap(at => [
  { at, change: 'not sent' },
  { at, change: 'carried out, answer never read' },
]);

test.each(deaths)('a watchdog that dies at change $at ($change) leaves one container under its name', async death => {
  const target = await patient(WEB, [8080, 9000]);
  const work = aWork(target);
  const doomed = strategy(crashing(engine.docker, death));
  const life = doomed.apply(work).then(() => doomed.confirm?.(work.steps, forever));
  await expect(life).rejects.toThrow('killed');

  const said = await strategy().recover?.(work.steps, forever, work.journal);

  const { name, runs, on } = standing();
  expect({ name, runs, on }).toEqual({ name: 'shop-web-1', runs, on: [runs ? 9001 : 8080] });
  expect(said?.includes('port 9001 of the host in place of 8080')).toBe(runs);
});

test('what was journaled of a try that was given up does not count for the next', async () => {
  const work = aWork(await patient(WEB, [8080, 9000]));
  const newId = String(await strategy().apply(work));
  const upTo = (name: string): JournalStep[] => {
    const last = work.steps.findLastIndex(({ step }) => step === name);
    return work.steps.slice(0, last + 1);
  };

  // As if it had died before the id of the second one was written down.
  engine.renameByHand(newId, 'shop-web-1_replacing_000100000000');
  expect(await strategy().recover?.(upTo('create'), forever, work.journal)).toBe('the old container is back');

  expect(standing()).toMatchObject({ name: 'shop-web-1', runs: false, on: [8080] });
});
