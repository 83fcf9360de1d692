import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import type { Docker, Networks } from '../../watchdog/adapters/docker/docker.ts';
import type { Told } from '../../watchdog/domain/playbook.ts';
import { worksOnHost, worksOnService } from '../../watchdog/domain/repair.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { cleanRestart } from '../../watchdog/repair/clean-restart.ts';
import { reconnectNetworks } from '../../watchdog/repair/reconnect-networks.ts';
import { strategyRegistry } from '../../watchdog/repair/registry.ts';
import { restartContainer } from '../../watchdog/repair/restart.ts';
import { startContainer } from '../../watchdog/repair/start.ts';
import { builtInStrategies } from '../../watchdog/repair/strategies.ts';
import { aReplica } from '../fakes/a-service.ts';
import { aWork } from '../fakes/a-work.ts';
import { crashing, type Death } from '../fakes/crashing.ts';
import { engineSays, FakeEngine } from '../fakes/fake-engine.ts';
import { FakeHostFolder } from '../fakes/fake-host-folder.ts';
import { someNeeds } from '../fakes/needs.ts';

const forever = new AbortController().signal;
let engine: FakeEngine;
let target: Replica;

beforeEach(async () => {
  engine = new FakeEngine(systemClock);
  target = (await engine.docker.inspect(engine.up())) as Replica;
  engine.calls.length = 0;
});

const running = () => engine.container(target.id)?.runs;

describe('start', () => {
  test('is one call', async () => {
    engine.crash(target.id);

    await startContainer(engine.docker).apply(aWork(target));

    expect(engine.calls).toEqual(['start shop-web-1']);
    expect(running()).toBe(true);
  });
});

describe('restart', () => {
  test('is one call, with a stop timeout only where the user set one', async () => {
    const timeouts: unknown[] = [];
    const docker: Pick<Docker, 'restart'> = { restart: async (_, timeout) => void timeouts.push(timeout) };

    await restartContainer(docker).apply(aWork(target));
    await restartContainer(docker).apply(aWork(target, { stopTimeout: 5_000 }));

    expect(timeouts).toEqual([undefined, 5_000]);
  });
});

describe('a clean restart', () => {
  test('stops, then starts, and journals each before it', async () => {
    const work = aWork(target);

    await cleanRestart(engine.docker).apply(work);

    expect(engine.calls).toEqual(['stop shop-web-1', 'start shop-web-1']);
    expect(work.steps.map(({ step }) => step)).toEqual(['stop', 'start']);
  });

  test.each<Death>([
    { at: 1, change: 'not sent' },
    { at: 1, change: 'carried out, answer never read' },
    { at: 2, change: 'not sent' },
    { at: 2, change: 'carried out, answer never read' },
  ])('leaves the container running when the watchdog dies at change $at ($change)', async death => {
    const work = aWork(target);
    await expect(cleanRestart(crashing(engine.docker, death)).apply(work)).rejects.toThrow('killed');

    await cleanRestart(engine.docker).recover?.(work.steps, forever, work.journal);

    expect(running()).toBe(true);
  });

  test('that two watchdogs die over, one after the other, is done once: what the first one started is not stopped again', async () => {
    const work = aWork(target);
    const life = cleanRestart(crashing(engine.docker, { at: 1, change: 'carried out, answer never read' })).apply(work);
    await expect(life).rejects.toThrow('killed');
    const next = cleanRestart(crashing(engine.docker, { at: 2, change: 'carried out, answer never read' }));
    await expect(next.recover?.(work.steps, forever, work.journal)).rejects.toThrow('killed');

    await cleanRestart(engine.docker).recover?.(work.steps, forever, work.journal);

    expect(engine.calls.filter(call => !call.startsWith('inspect'))).toEqual([
      'stop shop-web-1',
      'stop shop-web-1',
      'start shop-web-1',
      'start shop-web-1',
    ]);
    expect(running()).toBe(true);
  });

  test('has nothing to recover when the container was removed meanwhile', async () => {
    const work = aWork(target);
    const docker = crashing(engine.docker, { at: 2, change: 'not sent' });
    await expect(cleanRestart(docker).apply(work)).rejects.toThrow('killed');
    engine.removeByHand(target.id);

    expect(await cleanRestart(engine.docker).recover?.(work.steps, forever, work.journal)).toBe(
      'the container is gone',
    );
  });

  test('whose stop failed starts what may have stopped after all', async () => {
    engine.mishap('stop', { error: engineSays('timeout'), done: true });
    const work = aWork(target);
    await expect(cleanRestart(engine.docker).apply(work)).rejects.toThrow();

    await cleanRestart(engine.docker).undo?.(work.steps, forever);

    expect(running()).toBe(true);
  });

  test('whose start failed leaves the next start to the gates', async () => {
    engine.mishap('start', { error: engineSays('engine-error'), done: false });
    const work = aWork(target);
    await expect(cleanRestart(engine.docker).apply(work)).rejects.toThrow();

    expect(await cleanRestart(engine.docker).undo?.(work.steps, forever)).toBeUndefined();
    expect(engine.count('start')).toBe(1);
  });
});

describe('reconnecting networks', () => {
  const networks: Networks = { front: { Aliases: ['web'] }, back: {} };
  const docker = () => ({ ...engine.docker, networksOf: async () => networks });

  test('remembers how the container was attached before it is detached', async () => {
    const work = aWork(target);

    await reconnectNetworks(docker()).apply(work);

    expect(work.steps).toEqual([{ step: 'reconnect', at: 0, data: { containerId: target.id, networks } }]);
    expect(engine.calls).toEqual(['reconnectNetworks shop-web-1']);
  });

  test('that was cut short is finished from what is remembered', async () => {
    engine.mishap('reconnectNetworks', { error: engineSays('unreachable'), done: false });
    const attached: unknown[] = [];
    const strategy = reconnectNetworks({
      ...docker(),
      attachNetworks: async (id, remembered) => void attached.push(id, remembered),
    });
    const work = aWork(target);
    await expect(strategy.apply(work)).rejects.toThrow();

    const sentence = await strategy.recover?.(work.steps, forever, work.journal);

    expect(attached).toEqual([target.id, networks]);
    expect(sentence).toBe('it is attached to every network it was taken from');
  });

  test('of a container that has none of its own is refused before anything is done', async () => {
    const work = aWork(target);

    const attempt = reconnectNetworks({ ...engine.docker, networksOf: async () => ({}) }).apply(work);

    await expect(attempt).rejects.toThrow('shop-web-1 has no networks of its own');
    expect(work.steps).toEqual([]);
  });
});

/** What a strategy cannot do without. */
const TOLD: Readonly<Record<string, Told>> = {
  'create-missing-path': { path: '/data/new' },
  'edit-env-file': { path: '/srv/shop/app.env', set: 'LIMIT=20' },
  'exec-command': { argv: ['true'] },
  'restore-backup': { backup: 'any' },
  'run-helper': { argv: ['true'] },
  'set-aside-data': { path: '/data/file' },
};

function anEnvFile(): FakeEngine['helper'] {
  const host = new FakeHostFolder('/watchdog-project');
  host.files.set('/watchdog-project/app.env', 'LIMIT=10\n');
  return host.help;
}

/** What helpers find: nothing aside yet, files that are somebody else's until they are given away, and damaged ones until they are cut. */
function helperOf(): FakeEngine['helper'] {
  let foreign = '0:0 644 /data/file';
  let damaged = true;
  return async ({ argv }) => {
    const line = argv.join(' ');
    if (line.includes('chown')) foreign = '';
    if (line.startsWith('truncate')) damaged = false;
    if (line.startsWith('redis-check-aof'))
      return { exitCode: damaged ? 1 : 0, said: 'AOF analyzed: size=1000, ok_up_to=999, diff=1' };
    if (line.startsWith('redis-check-rdb'))
      return { exitCode: 1, said: '--- RDB ERROR DETECTED ---\n[offset 9] bad\n' };
    if (line === 'id') return { exitCode: 0, said: 'uid=999 gid=999' };
    if (argv[0] === 'find' && line.includes('-name postmaster.pid'))
      return { exitCode: 0, said: '/data/postmaster.pid\n' };
    if (line.startsWith('stat')) return { exitCode: 1, said: '0:0 directory /data\n0:0 regular file /data/file\n' };
    if (line.includes('stat -c')) return { exitCode: 0, said: foreign };
    const file = /-name \*(\.rdb|\.aof)/.exec(line)?.[1];
    return { exitCode: argv[0] === 'test' ? 1 : 0, said: file === undefined ? '' : `/data/file${file}` };
  };
}

describe('the built-in strategies', () => {
  const strategies = () => builtInStrategies(someNeeds(engine.docker));

  test('are listed in alphabetical order, each under a name of its own', () => {
    const names = strategies().map(({ name }) => name);

    expect(names).toEqual([...new Set(names)].sort());
  });

  test('are found by name, with their danger', () => {
    const registry = strategyRegistry(strategies());

    expect(registry.get('recreate')?.name).toBe('recreate');
    expect(registry.get('reboot')).toBeUndefined();
    expect(registry.names()).toContain('rejoin-network');
    expect(registry.dangers()).toMatchObject({ start: 'service', restart: 'service' });
  });

  test('that journal can all be recovered', async () => {
    const volume = { type: 'volume', source: 'shop_data', target: '/data', anonymous: false, writable: true } as const;
    for (const strategy of strategies()) {
      if (worksOnHost(strategy) || worksOnService(strategy)) continue;
      for (const container of engine.containersOf('web'))
        Object.assign(container, { howMade: { mounts: [volume] }, environment: { LIMIT: '10' } });
      const labels = { 'com.docker.compose.project.working_dir': '/srv/shop' };
      const work = aWork(aReplica({ id: target.id, name: target.name, state: 'exited', labels }), {
        with: TOLD[strategy.name] ?? {},
      });
      engine.helper = strategy.name === 'edit-env-file' ? anEnvFile() : helperOf();
      engine.program = async (_, [program]) => ({ exitCode: 0, said: program === 'env' ? 't|1|2|100' : '' });
      await strategy.apply(work);
      if (work.steps.length > 0)
        expect(strategy).toMatchObject({ undo: expect.anything(), recover: expect.anything() });
      await strategy.confirm?.(work.steps, forever);
      target = (await engine.docker.inspect(target.name)) as Replica;
    }
    expect.hasAssertions();
  });
});
