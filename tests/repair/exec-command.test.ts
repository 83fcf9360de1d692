import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Told } from '../../watchdog/domain/playbook.ts';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { execCommand } from '../../watchdog/repair/exec-command.ts';
import { aWork } from '../fakes/a-work.ts';
import { FakeClock, settled } from '../fakes/fake-clock.ts';
import { FakeEngine } from '../fakes/fake-engine.ts';

const signal = new AbortController().signal;
let clock: FakeClock;
let engine: FakeEngine;
let ran: (readonly string[])[];

beforeEach(() => {
  clock = new FakeClock();
  engine = new FakeEngine(clock);
  engine.up();
  ran = [];
});

/** What the command writes, and how it ends. */
function ends(exitCode: number | undefined, said = ''): void {
  engine.program = async (_container, argv) => {
    ran.push(argv);
    return { exitCode, said };
  };
}

const strategy = () => execCommand({ docker: engine.docker, clock });
async function work(told: Told = { argv: ['redis-cli', 'CONFIG', 'REWRITE'] }) {
  const target = await engine.docker.inspect('shop-web-1');
  if (target === undefined) throw new Error('there is no shop-web-1');
  return aWork(target, { strategy: 'exec-command', with: told });
}

describe('exec-command', () => {
  test('runs the words as they are, journals them before, and what they wrote after', async () => {
    ends(0, 'OK, and the password=hunter2');
    const job = await work({ argv: ['sh', '-c', 'echo "$0" | tee; $(reboot)'], timeout: '5s' });

    await strategy().apply(job);

    expect(ran).toEqual([['sh', '-c', 'echo "$0" | tee; $(reboot)']]);
    expect(job.steps.map(({ step, data }) => ({ step, ...data }))).toEqual([
      { step: 'exec', containerId: job.target.id, argv: ['sh', '-c', 'echo "$0" | tee; $(reboot)'], timeout: 5_000 },
      { step: 'said', exitCode: 0, output: 'OK, and the password=***' },
    ]);
  });

  test('keeps no secret among the words', async () => {
    ends(0);
    const job = await work({ argv: ['app', '--password', 'hunter2', 'token=abc'] });

    await strategy().apply(job);

    expect(ran[0]).toContain('hunter2');
    expect(job.steps[0]?.data.argv).toEqual(['app', '--password', '***', 'token=***']);
  });

  test('has failed when the command says so, in its own words without secrets', async () => {
    ends(3, 'cannot: token=abc');
    const job = await work();

    await expect(strategy().apply(job)).rejects.toThrow('redis-cli in shop-web-1 ended with 3: cannot: token=***');
    expect(job.steps.at(-1)?.data).toEqual({ exitCode: 3, output: 'cannot: token=***' });
  });

  test('has failed when the container ended first', async () => {
    ends(undefined);

    await expect(strategy().apply(await work())).rejects.toThrow('was cut short by the end of its container');
  });

  test.each([
    [{ argv: ['true'] }, seconds(30), '30s'],
    [{ argv: ['true'], timeout: '2m' }, minutes(2), '2m'],
  ])('does not wait longer than it may: %j', async (told, limit, inWords) => {
    engine.program = (_container, _argv, abort) =>
      new Promise((_, reject) => abort.addEventListener('abort', () => reject(new Error('broken off'))));
    const applied = strategy().apply(await work(told));
    const outcome = expect(applied).rejects.toThrow(
      `true in shop-web-1 has not ended within ${inWords}; it may be running still`,
    );

    await settled();
    await clock.advance(limit);

    await outcome;
  });

  test.each<[string, Told, string]>([
    ['one string', { argv: 'rm -rf /data' }, 'found "rm -rf /data" for argv, expected a list of at most 100 strings'],
    ['nothing', {}, 'found nothing for argv'],
    ['an empty list', { argv: [] }, 'found [] for argv'],
    ['an empty program', { argv: [''] }, 'found [""] for argv'],
    ['a list with a number', { argv: ['sleep', 5] } as unknown as Told, 'found ["sleep",5] for argv'],
    ['a word with a zero byte', { argv: ['a\0b'] }, 'for argv'],
    ['no time at all', { argv: ['true'], timeout: '0s' }, 'found "0s" for timeout, expected a duration up to 10m'],
    ['too much time', { argv: ['true'], timeout: '11m' }, 'for timeout'],
    ['something else', { argv: ['true'], user: 'root' }, 'found an unknown parameter for user'],
  ])('told %s runs nothing', async (_sentence, told, says) => {
    ends(0);
    const job = await work(told);

    await expect(strategy().apply(job)).rejects.toThrow(says);
    expect(ran).toEqual([]);
    expect(job.steps).toEqual([]);
  });

  test('is not run again after a crash: whether it ran nobody knows', async () => {
    ends(0);
    const job = await work();
    await strategy().apply(job);

    expect(await strategy().recover?.([], signal, job.journal)).toBe('nothing had been done yet');
    expect(await strategy().recover?.(job.steps.slice(0, 1), signal, job.journal)).toMatch(/not run again/);
    expect(await strategy().recover?.(job.steps, signal, job.journal)).toBe('the command had ended with 0');
    expect(ran).toHaveLength(1);
  });
});
