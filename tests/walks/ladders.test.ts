import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { minutes, seconds } from '../../watchdog/domain/time.ts';
import { aPattern } from '../diagnose/log-errors/a-pattern.ts';
import { CHECKED } from '../fakes/fake-container.ts';
import { Walk } from './a-walk.ts';

let folder: string;
let walk: Walk;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cw-ladders-'));
  mkdirSync(join(folder, 'books'));
  writeFileSync(join(folder, 'watchdog.yml'), 'playbooks: { folders: [books] }\n');
});
afterEach(async () => {
  await walk.end();
  rmSync(folder, { recursive: true });
});

/** A watchdog over a web server that is ill by its health check, with this ladder; `fate`: what becomes of it when it is started again. */
async function unhealthyWith(ladder: readonly object[], fate: 'well' | 'ill' = 'well'): Promise<void> {
  const playbook = { name: 'unhealthy', condition: 'unhealthy', ladder };
  writeFileSync(join(folder, 'books', 'unhealthy.yml'), JSON.stringify(playbook));
  walk = new Walk({ config: join(folder, 'watchdog.yml') });
  walk.engine.up({ healthcheck: CHECKED });
  await walk.start();
  walk.engine.fate('shop-web-1', fate);
  walk.engine.probe('shop-web-1', 'unhealthy');
  await walk.advance(1);
}

describe('a rung that waits', () => {
  const ladder = [{ strategy: 'wait', with: { for: '5m' } }, { strategy: 'restart' }];

  test('lets come right what comes right by itself, and touches nothing', async () => {
    await unhealthyWith(ladder);
    await walk.advance(minutes(4));
    walk.engine.probe('shop-web-1', 'healthy');
    await walk.advance(minutes(1));

    expect(walk.repairs()).toEqual(['wait shop-web-1 healed']);
    expect(walk.engine.count('restart')).toBe(0);
    expect(walk.openIncident('web', 'ailing')).toBeUndefined();
  });

  test('is followed by the next where it does not', async () => {
    await unhealthyWith(ladder);
    await walk.advance(minutes(7));

    expect(walk.repairs()).toEqual(['wait shop-web-1 not-healed', 'restart shop-web-1 healed']);
  });

  test('keeps nobody from stopping it by hand meanwhile', async () => {
    await unhealthyWith(ladder);
    await walk.advance(seconds(30));
    walk.engine.stopByHand('shop-web-1');
    await walk.advance(seconds(15));

    expect(walk.lastDecision('web')).toMatch(/^operator-stop/);
  });
});

test('a rung that tells people does so at once, after what comes before it, and nothing more is tried', async () => {
  const say = 'call Ada, who wrote it';
  await unhealthyWith([{ strategy: 'restart' }, { strategy: 'notify', with: { say } }], 'ill');
  await walk.advance(minutes(5));

  expect(walk.repairs()).toEqual(['restart shop-web-1 not-healed']);
  expect(walk.told('incident-escalated')).toEqual(['incident-escalated web no-change']);
  expect(walk.news.find(({ type }) => type === 'incident-escalated')).toMatchObject({
    because: 'unhealthy: call Ada, who wrote it',
  });
});

test('a container that the kernel has killed for its memory is out of memory, by the engine’s word', async () => {
  walk = new Walk({ patterns: [aPattern({ type: 'OUT_OF_MEMORY', expressions: ['OOMKilled: true'] })] });
  walk.engine.up();
  await walk.start();
  await walk.advance(1);
  await walk.advance(1);

  walk.engine.outOfMemory('shop-web-1');
  await walk.advance(minutes(1));

  expect(walk.repairs()).toEqual(['restart shop-web-1 healed']);
  expect(walk.repairRecords()[0]?.order).toMatchObject({ kind: 'erring', condition: 'out-of-memory' });
  expect(walk.openIncident('web', 'erring')).toBeUndefined();
});
