import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { minutes } from '../../watchdog/domain/time.ts';
import { Walk } from './a-walk.ts';

const DATA = '/srv/watchdog';

let walk: Walk;
beforeEach(() => {
  walk = new Walk({ env: { WATCHDOG_DATA: DATA } });
});
afterEach(() => walk.end());

describe('a watched disk', () => {
  const low = { device: 1, free: 0.04, freeBytes: 4_000_000_000 };

  test('that is low for five minutes is cleaned up once, and left to people when that was not enough', async () => {
    walk.engine.prunable.set('dangling-images', 1_000_000_000);
    await walk.start();
    walk.disks.set(DATA, low);

    await walk.advance(minutes(5));
    expect(walk.engine.count('prune')).toBe(0);
    await walk.advance(minutes(1));

    expect(walk.engine.calls.filter(call => call.startsWith('prune'))).toEqual([
      'prune build-cache',
      'prune dangling-images',
    ]);
    await walk.advance(minutes(10));
    expect(walk.engine.count('prune')).toBe(2);
    expect(walk.repairRecords().at(-1)?.because).toContain('dangling images: 1 GB');
    expect(walk.ledger.openIncidentOf(`host/disk:${DATA}/host`)?.state).toBe('escalated');
  });

  test('that has room again after a cleanup is healed, and its incident is over', async () => {
    await walk.start();
    walk.disks.set(DATA, low);
    walk.engine.onCall = call => {
      if (call === 'prune build-cache') walk.disks.delete(DATA);
    };

    await walk.advance(minutes(7));

    expect(walk.engine.calls.filter(call => call.startsWith('prune'))).toEqual(['prune build-cache']);
    expect(walk.repairRecords().map(({ service, outcome }) => `${service} ${outcome}`)).toEqual([
      `disk:${DATA} healed`,
    ]);
    expect(walk.ledger.openIncidentOf(`host/disk:${DATA}/host`)).toBeUndefined();
  });
});
