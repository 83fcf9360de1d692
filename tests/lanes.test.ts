import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Finding, FindingKind } from '../watchdog/domain/finding.ts';
import { seconds } from '../watchdog/domain/time.ts';
import { Lanes } from '../watchdog/lanes.ts';
import { aFinding } from './fakes/a-service.ts';
import { FakeClock, settled } from './fakes/fake-clock.ts';

let clock: FakeClock;
let lanes: Lanes;
/** What is being attended to, and what was: `web changed 1`. */
let begun: string[];
let under: Map<string, () => void>;

beforeEach(() => {
  clock = new FakeClock();
  begun = [];
  under = new Map();
  lanes = new Lanes(finding => {
    begun.push(`${finding.target.service} ${finding.kind} ${finding.evidence.n ?? ''}`.trim());
    return new Promise(resolve => under.set(finding.target.service, resolve));
  }, clock);
});

const about = (service: string, kind: FindingKind = 'changed', n?: number): Finding =>
  aFinding({ kind, target: { project: 'shop', service }, evidence: n === undefined ? {} : { n } });

async function end(service: string): Promise<void> {
  under.get(service)?.();
  await settled();
}

describe('findings about one service', () => {
  test('are attended to one after the other', async () => {
    lanes.submit(about('web'));
    lanes.submit(about('web', 'look-again'));
    await settled();

    expect(begun).toEqual(['web changed']);

    await end('web');

    expect(begun).toEqual(['web changed', 'web look-again']);
  });

  test('of one kind wait as one, the newest, however many come', async () => {
    lanes.submit(about('web', 'changed', 0));
    for (let n = 1; n <= 1_000; n += 1) lanes.submit(about('web', 'changed', n));
    await settled();
    await end('web');
    await end('web');

    expect(begun).toEqual(['web changed 0', 'web changed 1000']);
  });
});

test('findings about different services are attended to side by side', async () => {
  lanes.submit(about('web'));
  lanes.submit(about('api'));
  await settled();

  expect(begun).toEqual(['web changed', 'api changed']);
  expect(lanes.busy).toBe(2);
});

test('a lane that has run dry is gone, and opens again for the next finding', async () => {
  lanes.submit(about('web'));
  await settled();
  await end('web');

  expect(lanes.busy).toBe(0);

  lanes.submit(about('web'));

  expect(begun).toHaveLength(2);
});

describe('a finding for later', () => {
  const later = (after: number, n: number) =>
    lanes.submitAt(clock.now() + after, now => ({ ...about('web', 'look-again', n), seenAt: now }), 'shop/web');

  test('comes at its time', async () => {
    later(seconds(5), 1);
    await clock.advance(seconds(5) - 1);

    expect(begun).toEqual([]);

    await clock.advance(1);

    expect(begun).toEqual(['web look-again 1']);
  });

  test.each([
    ['an earlier one is due anyway', [seconds(5), seconds(9)], ['web look-again 1']],
    ['it is earlier than the one that is due', [seconds(9), seconds(5)], ['web look-again 2']],
  ])('is one for each service, when %s', async (_, [first = 0, second = 0], expected) => {
    later(first, 1);
    later(second, 2);
    await clock.advance(seconds(20));

    expect(begun).toEqual(expected);
  });

  test('whose time is past comes at once', async () => {
    later(-seconds(5), 1);
    await clock.advance(0);

    expect(begun).toEqual(['web look-again 1']);
  });
});

describe('closing', () => {
  test('ends when what is under way has ended; what waits is dropped, and nothing new is taken', async () => {
    lanes.submit(about('web'));
    lanes.submit(about('web', 'look-again'));
    lanes.submitAt(clock.now() + seconds(1), () => about('api'), 'shop/api');
    await settled();
    let closed = false;
    void lanes.close().then(() => {
      closed = true;
    });
    await clock.advance(seconds(2));
    lanes.submit(about('db'));

    expect(closed).toBe(false);

    await end('web');

    expect(closed).toBe(true);
    expect(begun).toEqual(['web changed']);
    expect(clock.pending).toBe(0);
  });

  test('is done at once when nothing is under way', async () => {
    await expect(lanes.close()).resolves.toBeUndefined();
  });
});
