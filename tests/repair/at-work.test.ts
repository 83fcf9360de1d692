import { describe, expect, test } from '@jest/globals';
import { AtWork } from '../../watchdog/repair/at-work.ts';

const web = { project: 'shop', service: 'web' };
const db = { project: 'shop', service: 'db' };

/** Work at a service from 10 to 20; now it is 30. */
function worked(): { readonly atWork: AtWork; readonly at: (now: number) => void } {
  let now = 10;
  const atWork = new AtWork(() => now);
  const at = (instant: number) => {
    now = instant;
  };
  const done = atWork.begin(web);
  at(20);
  done();
  at(30);
  return { atWork, at };
}

describe('what happens at a service', () => {
  test('is our doing while an order of ours is under way there, and nowhere else', () => {
    const atWork = new AtWork(() => 10);
    atWork.begin(web);

    expect(atWork.had(web, 10)).toBe(true);
    expect(atWork.had(db, 10)).toBe(false);
  });

  test('was our doing also when its event comes after the work is done', () => {
    const { atWork } = worked();

    expect(atWork.has(web)).toBe(false);
    expect([10, 15, 20].map(at => atWork.had(web, at))).toEqual([true, true, true]);
  });

  test('before and after the work is not our doing', () => {
    const { atWork } = worked();

    expect(atWork.had(web, 9)).toBe(false);
    expect(atWork.had(web, 21)).toBe(false);
    expect(atWork.had(db, 15)).toBe(false);
  });

  test('is our doing until the last of several orders is done, whichever ends first', () => {
    const { atWork, at } = worked();
    const first = atWork.begin(web);
    at(40);
    const second = atWork.begin(web);
    first();
    first();
    expect(atWork.has(web)).toBe(true);
    at(50);
    second();

    expect(atWork.has(web)).toBe(false);
    expect([29, 30, 45, 50, 51].map(at => atWork.had(web, at))).toEqual([false, true, true, true, false]);
  });

  test('long ago is forgotten, so that a watchdog that repairs for years does not grow', () => {
    let now = 0;
    const atWork = new AtWork(() => now);
    for (now = 0; now < 257; now += 1) atWork.begin(web)();

    expect(atWork.had(web, 0)).toBe(false);
    expect(atWork.had(web, 1)).toBe(true);
  });
});
