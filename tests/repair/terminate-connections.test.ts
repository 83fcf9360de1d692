import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Told } from '../../watchdog/domain/playbook.ts';
import { terminateConnections } from '../../watchdog/repair/terminate-connections.ts';
import { aWork } from '../fakes/a-work.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

// Which sessions it ends is the real server's to show (tests/engine/postgres.test.ts); here it is what is asked of it.

const signal = new AbortController().signal;
let engine: FakeEngine;
let ran: (readonly string[])[];
let answer: { exitCode: number | undefined; said: string };
let superuser: { exitCode: number; said: string };

beforeEach(() => {
  engine = new FakeEngine(new FakeClock());
  engine.up({ service: 'db' });
  ran = [];
  answer = { exitCode: 0, said: 't|7|95|100' };
  superuser = { exitCode: 1, said: '' };
  engine.program = async (_container, argv) => {
    if (argv[0] === 'printenv') return superuser;
    ran.push(argv);
    return answer;
  };
});

const strategy = () => terminateConnections(engine.docker);
async function work(told: Told = {}) {
  const target = await engine.docker.inspect('shop-db-1');
  if (target === undefined) throw new Error('there is no shop-db-1');
  return aWork(target, { service: 'db', strategy: 'terminate-connections', with: told });
}
const sql = () => ran[0]?.at(-1) ?? '';

describe('terminate-connections', () => {
  test('asks the server for what has been idle for ten minutes, and says how many sessions were ended', async () => {
    const job = await work();

    await strategy().apply(job);

    expect(ran[0]?.slice(0, -1)).toEqual([
      'env',
      'PGOPTIONS=-c compose_watchdog.idle=600s',
      'psql',
      '-X',
      '-w',
      '-q',
      '-A',
      '-t',
      '-U',
      'postgres',
      '-d',
      'postgres',
      '-c',
    ]);
    expect(job.steps.map(({ step, data }) => ({ step, ...data }))).toEqual([
      { step: 'terminate', containerId: job.target.id, idle: 600_000 },
      { step: 'terminated', sessions: 7, of: 95, limit: 100 },
    ]);
  });

  test('asks as the superuser that the image has made, unless the playbook says another', async () => {
    superuser = { exitCode: 0, said: 'shop; DROP TABLE orders' };

    await strategy().apply(await work({ idle: '90s' }));
    await strategy().apply(await work({ user: 'admin', database: 'shop', host: '/run/pg' }));

    expect(ran[0]?.slice(8, -1)).toEqual(['-U', 'shop; DROP TABLE orders', '-d', 'postgres', '-c']);
    expect(ran[1]?.slice(8, -1)).toEqual(['-h', '/run/pg', '-U', 'admin', '-d', 'shop', '-c']);
    expect(ran[0]?.[1]).toBe('PGOPTIONS=-c compose_watchdog.idle=90s');
    expect(sql()).toBe(ran[1]?.at(-1));
  });

  test.each<[string, typeof answer, string]>([
    [
      'nothing could be ended',
      { exitCode: 0, said: 't|0|100|100' },
      'no session of shop-db-1 has been idle for 10m and could be spared: 100 of 100 connections are in use',
    ],
    ['the server is another one', { exitCode: 0, said: 'f|0|3|100' }, 'reaches a server that is not in this container'],
    [
      'there is no psql',
      { exitCode: 127, said: 'psql: not found' },
      'psql in shop-db-1 ended with 127: psql: not found',
    ],
    [
      'it is refused',
      { exitCode: 2, said: 'FATAL: password=x is wrong' },
      'ended with 2: FATAL: password=*** is wrong',
    ],
    ['the container ended', { exitCode: undefined, said: '' }, 'psql in shop-db-1 ended with its container'],
    ['the answer is none', { exitCode: 0, said: 'hello' }, 'gave an answer that cannot be read: hello'],
  ])('has failed where %s', async (_sentence, said, because) => {
    answer = said;

    await expect(strategy().apply(await work())).rejects.toThrow(because);
  });

  test.each<[Told, string]>([
    [{ idle: 'long' }, 'found long for idle, expected a duration of a second or more: 10m'],
    [{ idle: '10ms' }, 'found 10ms for idle'],
    [{ idle: "1s' OR true --" }, 'for idle'],
    [{ user: 7 }, 'found 7 for user, expected a text'],
    [{ state: 'active' }, 'found an unknown parameter for state, expected idle, user, database, host'],
  ])('told %j asks nobody', async (told, because) => {
    const job = await work(told);

    await expect(strategy().apply(job)).rejects.toThrow(because);
    expect(ran).toEqual([]);
    expect(job.steps).toEqual([]);
  });

  test('is not done again after a crash', async () => {
    const job = await work();
    await strategy().apply(job);

    expect(await strategy().recover?.([], signal, job.journal)).toBe('nothing had been done yet');
    expect(await strategy().recover?.(job.steps.slice(0, 1), signal, job.journal)).toMatch(/not known; none is ended/);
    expect(await strategy().recover?.(job.steps, signal, job.journal)).toBe('7 sessions had been ended');
    expect(ran).toHaveLength(1);
  });
});
