import { beforeEach, expect, test } from '@jest/globals';
import type { Finding } from '../../watchdog/domain/finding.ts';
import { seconds } from '../../watchdog/domain/time.ts';
import { paced } from '../../watchdog/observe/paced.ts';
import { aFinding } from '../fakes/a-service.ts';
import { FakeClock } from '../fakes/fake-clock.ts';

let clock: FakeClock;
let emitted: string[];
let emit: (finding: Finding) => void;
beforeEach(() => {
  clock = new FakeClock();
  emitted = [];
  emit = paced(({ target, evidence }) => emitted.push(`${target.service} ${evidence.n}`), seconds(1), clock);
});

const find = (service: string, n: number) => emit(aFinding({ target: { project: 'shop', service }, evidence: { n } }));

test('the first about each service is handed on at once', () => {
  find('web', 1);
  find('db', 2);

  expect(emitted).toEqual(['web 1', 'db 2']);
});

test('of those that follow, the newest is handed on after the gap', async () => {
  find('web', 1);
  find('web', 2);
  find('web', 3);

  await clock.advance(seconds(1));
  find('web', 4);
  await clock.advance(seconds(1));

  expect(emitted).toEqual(['web 1', 'web 3', 'web 4']);
});

test('nothing is kept once the gap has passed without news', async () => {
  find('web', 1);

  await clock.advance(seconds(1));
  find('web', 2);

  expect(emitted).toEqual(['web 1', 'web 2']);
  expect(clock.pending).toBe(1);
});
