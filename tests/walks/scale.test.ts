import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { settled } from '../fakes/fake-clock.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

jest.setTimeout(60_000);

let folder: string;
let walk: Walk;

// The order comes from a playbook, so that the walk is about the order and not about the load.
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-scale-'));
  for (const replicas of [1, 4]) {
    mkdirSync(join(folder, `to-${replicas}`));
    const ladder = `ladder: [{ strategy: scale, with: { replicas: ${replicas} } }]`;
    writeFileSync(
      join(folder, `to-${replicas}`, 'unhealthy.yml'),
      `name: unhealthy\ncondition: unhealthy\n${ladder}\n`,
    );
    writeFileSync(join(folder, `to-${replicas}.yml`), `playbooks: { folders: [to-${replicas}] }\n`);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => walk.end());

/** Two replicas, of which the second falls ill; then the service is brought to that size. */
async function begin(
  replicas: 1 | 4,
  prepare: (walk: Walk) => void = () => undefined,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  walk = new Walk({ config: join(folder, `to-${replicas}.yml`), env });
  for (const number of [1, 2]) walk.engine.up({ number, healthcheck: CHECKED, endsAfter: seconds(2) });
  prepare(walk);
  await walk.advance(minutes(2));
  await walk.start();
}
const fallIll = () => walk.engine.probe('shop-web-2', 'unhealthy');
const standing = () => walk.engine.containersOf('web').map(({ name, state, health }) => [name, state, health]);
const repair = () => walk.repairRecords()[0];

describe('a service that is brought to another size', () => {
  test('has new replicas that count once they are healthy and stayed so', async () => {
    await begin(4);

    fallIll();
    await walk.advance(seconds(5));
    const proving = repair()?.outcome;
    await walk.advance(minutes(1));

    expect(proving).toBeUndefined();
    expect(standing()).toEqual([
      ['shop-web-1', 'running', 'healthy'],
      ['shop-web-2', 'running', 'unhealthy'],
      ['shop-web-3', 'running', 'healthy'],
      ['shop-web-4', 'running', 'healthy'],
    ]);
    expect(repair()).toMatchObject({ outcome: 'healed', code: 'proven' });
  });

  test('loses a new replica again that never becomes healthy; the order says which and why', async () => {
    await begin(4, ({ engine }) => engine.fate('shop-web-4', 'ill'), { MAX_RESTART_ATTEMPTS: '1' });

    fallIll();
    await walk.advance(minutes(1));

    const first = repair();
    expect(first).toMatchObject({ outcome: 'not-healed', code: 'still-unhealthy' });
    expect(first?.because).toContain('shop-web-4 is removed again');
    expect(standing().map(([name]) => name)).toEqual(['shop-web-1', 'shop-web-2', 'shop-web-3']);
  });

  test('gives up those that are ill, and is well then', async () => {
    await begin(1);

    fallIll();
    await walk.advance(minutes(1));

    expect(standing()).toEqual([['shop-web-1', 'running', 'healthy']]);
    expect(repair()).toMatchObject({ outcome: 'healed', because: 'shop-web-2 was stopped and removed' });
    expect(walk.openIncident('web')).toBeUndefined();
  });

  test('is a deploy of nobody: what we make and remove is our doing', async () => {
    await begin(4, ({ engine }) => engine.fate('shop-web-4', 'ill'));

    fallIll();
    await walk.advance(minutes(1));

    expect(walk.watchdog.stack.lastDeployAt('shop')).toBeUndefined();
    expect(walk.watchdog.stack.resizedByHand({ project: 'shop', service: 'web' })).toBeUndefined();
  });

  test('is not touched by any other repair meanwhile', async () => {
    await begin(4);

    fallIll();
    await walk.advance(seconds(3));
    walk.engine.probe('shop-web-1', 'unhealthy');
    await walk.advance(seconds(4));

    expect(walk.repairRecords()).toHaveLength(1);
    expect(repair()?.outcome).toBeUndefined();
  });
});

/** Every write of the ledger and every engine call is a moment at which the watchdog may die: before it, or just after. */
async function dieAt(moment: number, when: 'before' | 'after', replicas: 1 | 4): Promise<boolean> {
  await begin(replicas);
  let passed = 0;
  walk.onStep = phase => {
    if (phase === when && passed++ === moment) walk.kill();
  };
  fallIll();
  await walk.advance(seconds(30));
  walk.onStep = () => undefined;
  await settled();
  return passed > moment;
}

describe.each([1, 4] as const)('a watchdog killed at any moment of scaling from 2 to %i', replicas => {
  test.each(['before', 'after'] as const)('(%s each step) leaves nothing half made and nothing missing', async when => {
    let moment = 0;
    for (let died = true; died; moment += 1) {
      died = await dieAt(moment, when, replicas);
      if (died) await walk.start();
      await walk.advance(minutes(10));

      const names = [1, 2, 3, 4].slice(0, replicas).map(number => [`shop-web-${number}`, 'running']);
      expect([moment, standing().map(([name, state]) => [name, state])]).toEqual([moment, names]);
      expect([moment, walk.ledger.unfinishedRepairs()]).toEqual([moment, []]);
      if (died) await walk.end();
    }
    // Else the walk has not met the scaling at all.
    expect(moment).toBeGreaterThan(10);
  });
});
