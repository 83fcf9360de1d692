import { beforeEach, describe, expect, test } from '@jest/globals';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import type { Docker } from '../../watchdog/adapters/docker/docker.ts';
import type { JournalStep, Order } from '../../watchdog/domain/repair.ts';
import type { Replica } from '../../watchdog/domain/service.ts';
import { editEnvFile } from '../../watchdog/repair/edit-env-file.ts';
import { aWork, unread } from '../fakes/a-work.ts';
import { crashing, type Death } from '../fakes/crashing.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';
import { FakeHostFolder } from '../fakes/fake-host-folder.ts';

// What the programs really do with files, owners and modes, and what Compose makes of it, is shown by tests/engine/env-file.test.ts.

const forever = new AbortController().signal;
const FOLDER = '/srv/shop';
const PATH = `${FOLDER}/app.env`;
const FILE = '/watchdog-project/app.env';
const ASIDE = '/watchdog-project/.watchdog-env-20261123T120000Z';
const BEFORE = '# limits\nLIMIT=10 # few\nDB_PASSWORD=hunter2\n';
const AFTER = '# limits\nLIMIT=20 # few\nDB_PASSWORD=hunter2\n';
const LABELS = {
  'com.docker.compose.project.working_dir': FOLDER,
  'com.docker.compose.project.config_files': `${FOLDER}/compose.yaml,${FOLDER}/more.yaml`,
};

let engine: FakeEngine;
let host: FakeHostFolder;
let target: Replica;
beforeEach(async () => {
  engine = new FakeEngine(systemClock);
  host = new FakeHostFolder('/watchdog-project');
  engine.helper = host.help;
  host.files.set(FILE, BEFORE);
  target = await aContainer();
});

async function aContainer(labels: Readonly<Record<string, string>> = LABELS): Promise<Replica> {
  const id = engine.up({ labels, number: engine.containersOf('web').length + 1 });
  const container = engine.container(id);
  if (container !== undefined) container.environment = { PATH: '/bin', LIMIT: '10', DB_PASSWORD: 'hunter2' };
  return (await engine.docker.inspect(id)) as Replica;
}

const strategy = (docker: Docker = engine.docker) =>
  editEnvFile({ docker, clock: { now: () => Date.parse('2026-11-23T12:00:00.123Z') } });
const told = (set = 'LIMIT=20', path = PATH): Pick<Order, 'with'> => ({ with: { path, set } });
const aJob = (order: Partial<Order> = told()) =>
  aWork(target, { strategy: 'edit-env-file', targets: [target], ...order });
const foresee = (order?: Partial<Order>) => strategy().foresee?.(aJob(order));
const standing = () => engine.containersOf('web').map(({ environment, runs }) => ({ LIMIT: environment.LIMIT, runs }));
const theFile = () => host.files.get(FILE);

describe('edit-env-file', () => {
  test('says beforehand what would differ, and changes nothing', async () => {
    expect(await foresee()).toBe(
      `line 2 of ${PATH}: -LIMIT=10 +LIMIT=20; other containers that read the file have it after their next docker compose up`,
    );
    expect(await foresee(told('MODE=slow'))).toMatch(/^line 4 of .*: adds \+MODE=slow;/);
    expect(await foresee(told('DB_PASSWORD=hunter3'))).toMatch(
      /^line 3 of .*: -DB_PASSWORD=\*\*\* \+DB_PASSWORD=\*\*\*;/,
    );
    expect([...host.files]).toEqual([[FILE, BEFORE]]);
    expect([...host.mounts]).toEqual([`${FOLDER}:/watchdog-project:ro`]);
  });

  test('changes the file, keeps it as it was beside it, and makes the container again with the variable', async () => {
    const job = aJob();

    const made = await strategy().apply(job);
    await strategy().confirm?.(job.steps, forever);

    expect(Object.fromEntries(host.files)).toEqual({ [FILE]: AFTER, [`${ASIDE}/app.env`]: BEFORE });
    expect(engine.containersOf('web').map(({ id }) => id)).toEqual([made]);
    expect(engine.container(made ?? '')?.environment).toEqual({ PATH: '/bin', LIMIT: '20', DB_PASSWORD: 'hunter2' });
    expect(strategy().tells?.(job.steps)).toBe(
      `LIMIT has another value in ${PATH}; the file as it was is kept in ${FOLDER}/.watchdog-env-20261123T120000Z`,
    );
  });

  test('journals where all of it is before the first change, and no value of the file', async () => {
    const job = aJob();

    await strategy().apply(job);

    expect(job.steps.map(({ step }) => step)).toEqual(['edit', 'create', 'stop-old', 'swap-names', 'start-new']);
    expect(JSON.stringify(job.steps)).not.toMatch(/hunter2|LIMIT=/);
  });

  test('puts file and container back where it did not help, and does so twice if asked', async () => {
    const job = aJob();
    await strategy().apply(job);

    const said = await strategy().undo?.(job.steps, forever);
    await strategy().undo?.(job.steps, forever);

    expect(said).toBe(`${PATH} is as it was; the old container is back`);
    expect([...host.files]).toEqual([[FILE, BEFORE]]);
    expect(host.folders.has(ASIDE)).toBe(false);
    expect(standing()).toEqual([{ LIMIT: '10', runs: true }]);
  });

  test('leaves a file alone on the way back that somebody has changed since, and says where the old one is', async () => {
    const job = aJob();
    await strategy().apply(job);
    host.files.set(FILE, 'LIMIT=30\n');

    expect(await strategy().undo?.(job.steps, forever)).toContain(
      `stays; what it was is kept in ${FOLDER}/.watchdog-env-`,
    );

    expect(theFile()).toBe('LIMIT=30\n');
    expect(host.files.get(`${ASIDE}/app.env`)).toBe(BEFORE);
  });

  test('does not write over what somebody writes in the same moment', async () => {
    const help = host.help;
    engine.helper = async helper => {
      if (helper.argv[0] === 'mkdir') host.files.set(FILE, 'LIMIT=30\n');
      return await help(helper);
    };
    const job = aJob();

    await expect(strategy().apply(job)).rejects.toThrow(`${PATH} was changed by somebody just now`);
    await strategy().undo?.(job.steps, forever);

    expect(theFile()).toBe('LIMIT=30\n');
    expect(standing()).toEqual([{ LIMIT: '10', runs: true }]);
  });
});

describe('is refused, and nothing changes, where', () => {
  const labelled = (labels: Readonly<Record<string, string>>) => async () => {
    target = await aContainer({ ...LABELS, ...labels });
  };

  test.each<[string, () => unknown, Partial<Order>, string]>([
    [
      'the file is not in the folder of the project',
      () => undefined,
      told('LIMIT=20', '/srv/app.env'),
      'is not in /srv/shop',
    ],
    ['its path leads out of it', () => undefined, told('LIMIT=20', `${FOLDER}/../x.env`), 'expected a whole path'],
    ['it is the Compose file', () => undefined, told('LIMIT=20', `${FOLDER}/more.yaml`), 'is the Compose file itself'],
    [
      'it is a copy of ours',
      () => undefined,
      told('LIMIT=20', `${FOLDER}/.watchdog-env-1/app.env`),
      'was kept aside before',
    ],
    [
      'nothing says where the project is',
      labelled({ 'com.docker.compose.project.working_dir': '' }),
      told(),
      'expected a whole path',
    ],
    [
      "the project is in the system's folders",
      labelled({ 'com.docker.compose.project.working_dir': '/etc/shop' }),
      told('LIMIT=20', '/etc/shop/app.env'),
      'is left to people',
    ],
    ['the folder is not on this host', () => engine.missing.add(FOLDER), told(), 'is not on the host of the engine'],
    [
      'it is a link',
      () => host.odd.set(FILE, 'symbolic link') && host.files.delete(FILE),
      told(),
      'found symbolic link on the way',
    ],
    ['it is not there', () => host.files.delete(FILE), told(), 'found nothing on the way'],
    ['it has another name', () => Object.assign(host, { links: 2 }), told(), 'has another name somewhere (2 links)'],
    ['it is too large', () => host.files.set(FILE, `A=${'x'.repeat(70_000)}`), told(), 'expected at most 65536'],
    [
      'it cannot be read',
      () => host.files.set(FILE, 'LIMIT="1'),
      told(),
      'line 1 can be read in more than one way; it is left to people',
    ],
    ['it has that value', () => undefined, told('LIMIT=10'), 'LIMIT has that value in it already'],
    [
      'it is for somebody else',
      () => host.files.set(FILE, `${BEFORE}OTHER=1\n`),
      told(),
      'it has OTHER, and the container has not',
    ],
    ['nothing stands in it', () => host.files.set(FILE, ''), told(), 'nothing stands in it'],
    ['the value comes from elsewhere', () => host.files.set(FILE, 'LIMIT=11\n'), told(), 'does not have the LIMIT of'],
    ['the container has one that the file has not', () => undefined, told('PATH=/tmp'), 'does not have the PATH of'],
    ['nobody says which', () => undefined, { with: {} }, 'found nothing for path'],
    [
      'several containers are ill',
      () => undefined,
      { ...told(), targets: [1, 2].map(n => ({ id: `c${n}`, name: `web-${n}`, number: n })) },
      'is for one container',
    ],
  ])('%s', async (_, arrange, order, because) => {
    await arrange();
    const before = [...host.files];

    await expect(foresee(order)).rejects.toThrow(because);
    await expect(strategy().apply(aJob(order))).rejects.toThrow(because);

    expect([...host.files]).toEqual(before);
    expect([...host.mounts].filter(mount => mount.endsWith(':rw'))).toEqual([]);
    expect(engine.count('stop')).toBe(0);
  });
});

describe('a watchdog that dies over it', () => {
  /** Whatever the engine is asked to do on the way, helpers included. */
  const helping = (docker: Docker, at: number): Docker => {
    let helped = 0;
    return {
      ...docker,
      help: async (...given) => {
        helped += 1;
        if (helped >= at) throw new Error('the watchdog was killed');
        return await docker.help(...given);
      },
    };
  };
  const recovered = async (steps: readonly JournalStep[]) => await strategy().recover?.(steps, forever, unread);
  /** File and container agree, and one container runs. */
  const agree = () => {
    const [container, ...others] = standing();
    expect(others).toEqual([]);
    expect(container?.runs).toBe(true);
    expect(theFile()).toBe(container?.LIMIT === '20' ? AFTER : BEFORE);
    return container?.LIMIT;
  };

  test.each([4, 5, 6, 7, 8, 9])('at helper %d leaves the file as it was, and the container', async at => {
    const job = aJob();
    await expect(strategy(helping(engine.docker, at)).apply(job)).rejects.toThrow('killed');

    await recovered(job.steps);

    expect(agree()).toBe('10');
    expect([...host.files.keys()]).toEqual([FILE]);
  });

  const deaths = [1, 2, 3, 4, 5].flatMap(at =>
    (['not sent', 'carried out, answer never read'] as const).map((change): Death => ({ at, change })),
  );

  test.each(deaths)('at change $at ($change) leaves a file and a container that agree', async death => {
    const job = aJob();
    await expect(strategy(crashing(engine.docker, death)).apply(job)).rejects.toThrow('killed');

    const said = await recovered(job.steps);
    await recovered(job.steps);

    expect(agree()).toBe(said?.startsWith('the new container runs') ? '20' : '10');
  });
});
