import { beforeEach, describe, expect, test } from '@jest/globals';
import type { PublishedPort } from '../../watchdog/domain/making.ts';
import type { Order } from '../../watchdog/domain/repair.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { stopConflictingContainer } from '../../watchdog/repair/stop-conflicting-container.ts';
import { aStandingError } from '../fakes/a-log-error.ts';
import { aWork } from '../fakes/a-work.ts';
import { crashing, type Death } from '../fakes/crashing.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import type { Making } from '../fakes/fake-container.ts';
import { engineSays, FakeEngine } from '../fakes/fake-engine.ts';

const forever = new AbortController().signal;
const WEB: readonly PublishedPort[] = [{ container: '80/tcp', host: '8080' }];
const CHANGES = ['rename', 'setRestartPolicy', 'stop', 'start', 'restart', 'remove'];

let clock: FakeClock;
let engine: FakeEngine;
let leftAlone: (labels: Readonly<Record<string, string>>) => string | undefined;

beforeEach(() => {
  clock = new FakeClock();
  engine = new FakeEngine(clock);
  leftAlone = () => undefined;
});

const strategy = (docker = engine.docker) =>
  stopConflictingContainer({ docker, clock, leftAlone: (_ref, labels) => leftAlone(labels) });

/** What changed anything, as the engine was asked. */
const changes = () => engine.calls.filter(call => CHANGES.includes(call.split(' ')[0] ?? ''));

const named = async (name: string) => (await engine.docker.inspect(name)) as Replica;

/** A container that runs and has the port, by default the one that Compose was replacing. */
async function holder(making: Partial<Making> = {}, published = WEB): Promise<Replica> {
  const container = engine.container(engine.up({ restartPolicy: { name: 'always', maximumRetries: 0 }, ...making }));
  if (container === undefined) throw new Error('it was not made');
  container.howMade = { published };
  return named(container.id);
}

/** The container that cannot be started, made after it. */
async function patient(published: readonly PublishedPort[] = WEB): Promise<Replica> {
  await clock.advance(minutes(1));
  const id = engine.make({}, 'new_shop-web-1');
  const container = engine.container(id);
  if (container !== undefined) container.howMade = { published };
  engine.calls.length = 0;
  return named(id);
}

const conflict = (type: 'PORT_CONFLICT' | 'CONTAINER_NAME_CONFLICT', captures = {}): Partial<Order> => ({
  error: { ...aStandingError({ type, captures }).error, sample: '', elseWell: false },
});

describe('a port that a stale container of the service has', () => {
  test('is freed by setting that one aside, which the engine does not start again, and then used', async () => {
    const stale = await holder();
    const target = await patient();

    await strategy().apply(aWork(target));

    const aside = await named(stale.id);
    expect(aside).toMatchObject({
      name: `shop-web-1_set_aside_${stale.id.slice(0, 12)}`,
      state: 'exited',
      oneOff: true,
    });
    expect(aside.inspected?.restartPolicy.name).toBe('no');
    expect((await named(target.id)).state).toBe('running');
    expect(engine.count('remove')).toBe(0);
  });

  test('is left where that one was set aside, once the repair is proven', async () => {
    const stale = await holder();
    const work = aWork(await patient());
    await strategy().apply(work);

    await strategy().confirm?.(work.steps, forever);

    expect((await named(stale.id)).name).toContain('_set_aside_');
  });

  test('goes back to it, with all that it had, where the repair was not proven', async () => {
    const stale = await holder();
    const target = await patient();
    const work = aWork(target);
    await strategy().apply(work);

    expect(await strategy().undo?.(work.steps, forever)).toBe('shop-web-1 is back');

    expect(await named('shop-web-1')).toMatchObject({
      id: stale.id,
      state: 'running',
      inspected: { restartPolicy: { name: 'always' } },
    });
    expect((await named(target.id)).state).toBe('exited');
  });

  test('is freed of each of several', async () => {
    await holder({ oneOff: true, number: 2 }, [{ container: '80/tcp', host: '8080', address: '127.0.0.1' }]);
    await holder({ oneOff: true, number: 3 }, [{ container: '80/tcp', host: '8080', address: '10.0.0.1' }]);
    const work = aWork(await patient());

    await strategy().apply(work);

    expect(engine.count('stop')).toBe(2);
    expect(await strategy().undo?.(work.steps, forever)).toBe('shop-web-3 is back; shop-web-2 is back');
  });

  test.each(
    [1, 2, 3, 4].flatMap(at => [
      { at, change: 'not sent' } as const,
      { at, change: 'carried out, answer never read' } as const,
    ]),
  )('is had by exactly one of the two when the watchdog dies at change $at ($change)', async (death: Death) => {
    const stale = await holder();
    const target = await patient();
    const work = aWork(target);
    await expect(strategy(crashing(engine.docker, death)).apply(work)).rejects.toThrow('killed');

    await strategy().recover?.(work.steps, forever, work.journal);

    const started = (await named(target.id)).state === 'running';
    expect(started).toBe(death.at === 4 && death.change !== 'not sent');
    expect(await named(stale.id)).toMatchObject(
      started
        ? { state: 'exited', name: expect.stringContaining('_set_aside_') }
        : { state: 'running', name: 'shop-web-1', inspected: { restartPolicy: { name: 'always' } } },
    );
  });

  test('whose holder was being stopped when the watchdog died is stopped to the end once, however many die over it', async () => {
    await holder();
    const work = aWork(await patient());
    const life = strategy(crashing(engine.docker, { at: 3, change: 'carried out, answer never read' })).apply(work);
    await expect(life).rejects.toThrow('killed');
    await strategy().recover?.(work.steps, forever, work.journal);
    engine.calls.length = 0;

    await strategy().recover?.(work.steps, forever, work.journal);

    expect(engine.count('stop')).toBe(0);
    expect((await named('shop-web-1')).state).toBe('running');
  });
});

describe('a port that somebody else has', () => {
  test.each<[string, Partial<Making>, string]>([
    ['another project', { project: 'bank' }, 'bank-web-1 has it, a container of the project bank'],
    ['another service', { service: 'api' }, 'shop-api-1 has it, which is of the service api of the same project'],
    ['another replica', { number: 2 }, 'shop-web-2 has it, another replica of the same service'],
  ])('is left to it, %s, and people are told', async (_sentence, making, because) => {
    await holder(making);
    const target = await patient();

    await expect(strategy().apply(aWork(target))).rejects.toThrow(`cannot have port 8080 of the host: ${because}`);

    expect(changes()).toEqual([]);
  });

  test('is left to a container that is not Compose’s, also beside a stale one', async () => {
    await holder({}, [{ container: '80/tcp', host: '8080', address: '127.0.0.1' }]);
    const ports = [{ address: '10.0.0.1', port: 8080, protocol: 'tcp' }];
    engine.strangers.push({ id: 'f'.repeat(64), name: 'old-nginx', owner: undefined, ports });
    const target = await patient();

    await expect(strategy().apply(aWork(target))).rejects.toThrow(
      'old-nginx has it, which belongs to no Compose project. Stop that one, or give web another port.',
    );
    expect(changes()).toEqual([]);
  });

  test('is left to a stale one that is taken out of repair by its own label', async () => {
    leftAlone = labels => (labels.auto_repair === 'false' ? 'whose service is taken out of repair' : undefined);
    await holder({ labels: { auto_repair: 'false' } });

    await expect(strategy().apply(aWork(await patient()))).rejects.toThrow('taken out of repair');
    expect(changes()).toEqual([]);
  });

  test('is left to a stale one that the engine would remove at its end', async () => {
    const { id } = await holder({ oneOff: true });
    Object.assign(engine.container(id)?.howMade ?? {}, { autoRemove: true });

    await expect(strategy().apply(aWork(await patient()))).rejects.toThrow('started with --rm');
    expect(changes()).toEqual([]);
  });

  test('is said to be a program’s where no container has it', async () => {
    engine.programs.add(8080);

    await expect(strategy().apply(aWork(await patient()))).rejects.toMatchObject({
      code: 'engine-error',
      message: expect.stringContaining('port 8080 of the host is taken, and by no container'),
    });
  });

  test('is not blamed where the start fails for another reason', async () => {
    engine.mishap('start', { error: engineSays('engine-error', 'no space left on device'), done: false });

    await expect(strategy().apply(aWork(await patient()))).rejects.toThrow(/^no space left on device$/);
  });
});

describe('which ports are meant', () => {
  test('is what the engine has named, where it has', async () => {
    await holder({ project: 'bank' }, [{ container: '81/tcp', host: '8081' }]);
    const target = await patient([...WEB, { container: '81/tcp', host: '8081' }]);

    const attempt = (port: string) => strategy().apply(aWork(target, conflict('PORT_CONFLICT', { port })));

    // Of the other one the engine itself says that it is taken; whose it is nobody has asked.
    await expect(attempt('8080')).rejects.toThrow(/^Bind for 0.0.0.0:8081 failed: port is already allocated$/);
    await expect(attempt('8081')).rejects.toThrow('cannot have port 8081 of the host: bank-web-1 has it');
  });

  test('is none that the engine may choose, nor a range of which any will do', async () => {
    await holder({ project: 'bank' });
    const target = await patient([
      { container: '80/tcp', host: '' },
      { container: '81/tcp', host: '8080-8089' },
    ]);

    await strategy().apply(aWork(target));

    expect(changes()).toEqual(['start new_shop-web-1']);
  });

  test('is what it listens on, for a container in the network of the host', async () => {
    await holder({ project: 'bank' });
    const target = await patient([]);
    Object.assign(engine.container(target.id)?.howMade ?? {}, { sharedNetwork: 'host' });

    const attempt = strategy().apply(aWork(target, conflict('PORT_CONFLICT', { port: '8080' })));

    await expect(attempt).rejects.toThrow('bank-web-1 has it');
  });

  test('is for the next rung to say where the container runs and nobody else has one of its ports', async () => {
    const running = await holder();

    await expect(strategy().apply(aWork(running))).rejects.toThrow('is taken in its own network');
    expect(changes()).toEqual([]);
  });
});

describe('a name that a dead container of the project has', () => {
  const wanted = (name = '/shop-job-1') => conflict('CONTAINER_NAME_CONFLICT', { name });
  const job = (making: Partial<Making> = {}) => engine.up({ service: 'job', ...making });

  test('is freed by renaming that one, and who needs the name is started', async () => {
    const id = job();
    engine.crash(id);
    const target = await patient();

    await strategy().apply(aWork(target, wanted()));

    expect(changes()).toEqual(['rename shop-job-1', 'start new_shop-web-1']);
    expect((await named(id)).name).toBe(`shop-job-1_set_aside_${id.slice(0, 12)}`);
  });

  test('goes back to it where nobody has taken it in the end', async () => {
    const id = job();
    engine.crash(id);
    const work = aWork(await patient(), wanted());
    await strategy().apply(work);

    await strategy().confirm?.(work.steps, forever);

    expect((await named('shop-job-1')).id).toBe(id);
  });

  test('stays with who has taken it, also where the repair is not proven', async () => {
    const id = job();
    engine.crash(id);
    const target = await patient();
    const work = aWork(target, wanted());
    await strategy().apply(work);
    const heir = engine.make({ service: 'job' });

    await strategy().confirm?.(work.steps, forever);
    const said = await strategy().undo?.(work.steps, forever);

    expect(said).toContain('stays set aside: somebody else has its name now');
    expect((await named('shop-job-1')).id).toBe(heir);
    expect((await named(id)).name).toContain('_set_aside_');
    expect((await named(target.id)).state).toBe('running');
  });

  test.each<[string, () => void, string]>([
    ['that runs', () => job(), 'a container of the service job that is running'],
    ['that is paused', () => engine.pause(job()), 'that is paused'],
    ['of another project', () => engine.crash(engine.make({ project: 'bank' }, 'shop-job-1')), 'of the project bank'],
    [
      'that is not Compose’s',
      () => engine.strangers.push({ id: 'f'.repeat(64), name: 'shop-job-1', owner: undefined, ports: [] }),
      'a container that belongs to no Compose project',
    ],
  ])('is left to one %s, and people are told', async (_sentence, make, because) => {
    make();
    const target = await patient();

    await expect(strategy().apply(aWork(target, wanted()))).rejects.toThrow(because);
    expect(changes()).toEqual([]);
  });

  test('is left to one that was made so lately that somebody may be about to start it', async () => {
    const target = await patient();
    engine.make({ service: 'job' });

    await expect(strategy().apply(aWork(target, wanted()))).rejects.toThrow('only just been made');

    await clock.advance(seconds(31));
    await strategy().apply(aWork(target, wanted()));

    expect(engine.count('rename')).toBe(1);
  });

  test('is left to one whose service is not ours to touch, and to who needs it itself', async () => {
    engine.crash(job());
    const target = await patient();
    leftAlone = () => 'whose service is paused (backup)';

    await expect(strategy().apply(aWork(target, wanted()))).rejects.toThrow('paused (backup)');
    await expect(strategy().apply(aWork(target, wanted('new_shop-web-1')))).rejects.toThrow('that very container');
    expect(changes()).toEqual([]);
  });

  test('goes back at once to one that was started in the very moment of its renaming', async () => {
    const id = job();
    engine.crash(id);
    const work = aWork(await patient(), wanted());
    engine.onCall = call => {
      if (call === 'rename shop-job-1') engine.startByHand(id);
    };

    await expect(strategy().apply(work)).rejects.toThrow('started by somebody else in this very moment');
    await strategy().undo?.(work.steps, forever);

    expect(await named('shop-job-1')).toMatchObject({ id, state: 'running' });
  });

  test('that nobody has any more only wants a start', async () => {
    await strategy().apply(aWork(await patient(), wanted()));

    expect(changes()).toEqual(['start new_shop-web-1']);
  });

  test('that the log does not tell is for people', async () => {
    const target = await patient();

    await expect(strategy().apply(aWork(target, conflict('CONTAINER_NAME_CONFLICT')))).rejects.toThrow(
      'does not say which name is taken',
    );
  });
});

test('what the engine is about to start again by itself is restarted', async () => {
  const target = { ...(await patient()), state: 'restarting' } as const;

  await strategy().apply(aWork(target));

  expect(changes()).toEqual(['restart new_shop-web-1']);
});

test('a watchdog that died before anything was done has nothing to finish', async () => {
  const work = aWork(await patient());

  expect(await strategy().recover?.(work.steps, forever, work.journal)).toBe('nothing had been done yet');
});
