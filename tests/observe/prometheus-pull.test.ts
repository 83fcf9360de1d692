import { beforeEach, expect, test } from '@jest/globals';
import type { Alert } from '../../watchdog/domain/alert.ts';
import type { ReceivedAlert } from '../../watchdog/domain/received-alert.ts';
import { PrometheusPull } from '../../watchdog/observe/prometheus-pull.ts';
import { anAlert, aReceivedAlert, BEGAN } from '../fakes/an-alert.ts';
import { aLog, type Line } from '../record/a-log.ts';

let answer: () => Promise<readonly ReceivedAlert[]>;
let known: readonly Alert[];
let taken: (readonly ReceivedAlert[])[];
let lines: Line[];
let pull: PrometheusPull;
beforeEach(() => {
  known = [];
  taken = [];
  answer = async () => [];
  const log = aLog();
  lines = log.lines;
  pull = new PrometheusPull({
    prometheus: () => ({ firingAlerts: () => answer() }),
    known: () => known,
    take: alerts => taken.push(alerts),
    logger: log.logger,
  });
});

const FIRING = aReceivedAlert({ source: 'prometheus' });

test('what asks for a repair is handed in, and nothing else', async () => {
  answer = async () => [FIRING, aReceivedAlert({ labels: { alertname: 'ForPeople' } })];

  await pull.round();

  expect(taken).toEqual([[FIRING]]);
});

test('what fired before and is missing in a whole answer has ended', async () => {
  known = [anAlert(), anAlert({ fingerprint: 'gone', name: 'Gone' })];
  answer = async () => [FIRING];

  await pull.round();

  expect(taken[0]).toEqual([
    FIRING,
    expect.objectContaining({
      fingerprint: 'gone',
      status: 'resolved',
      startsAt: BEGAN,
      labels: { alertname: 'Gone', auto_repair: 'true' },
    }),
  ]);
});

test('no answer ends nothing, and is said once, as is its return', async () => {
  known = [anAlert()];
  answer = async () => {
    throw new Error('ECONNREFUSED');
  };
  await pull.round();
  await pull.round();
  answer = async () => [FIRING];

  await pull.round();
  await pull.round();

  expect(taken).toEqual([[FIRING], [FIRING]]);
  expect(lines.map(({ level, message }) => `${level}: ${message}`)).toEqual([
    'warn: alerts could not be pulled from Prometheus',
    'info: Prometheus tells its alerts again',
  ]);
});

test('a round asks nothing while the answer to the one before is awaited', async () => {
  let asked = 0;
  const { promise, resolve } = Promise.withResolvers<readonly ReceivedAlert[]>();
  answer = () => {
    asked += 1;
    return promise;
  };

  const first = pull.round();
  await pull.round();
  resolve([]);
  await first;

  expect(asked).toBe(1);
});
