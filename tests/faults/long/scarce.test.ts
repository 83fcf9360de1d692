// What the process itself needs: descriptors, memory.

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, expect, jest, test } from '@jest/globals';
import { aDelivery, anAlertBody } from '../../fakes/a-delivery.ts';
import { isLong, tell } from '../effort.ts';
import { anOrdeal, type Ordeal, picked } from '../ordeal.ts';

jest.setTimeout(60 * 60_000);

const run = promisify(execFile);
const NOTHING = { lost: [], doubled: [], unrecorded: [] };

let ordeal: Ordeal;
afterEach(() => ordeal?.tearDown());

/** Node itself takes some thirty. */
const LIMIT_OF_DESCRIPTORS = 64;

/** Connections that say nothing. */
function crowd(port: number, count: number): readonly Socket[] {
  return Array.from({ length: count }, () => connect(port, '127.0.0.1').on('error', () => undefined));
}

test('with every descriptor taken by others it heals on, or as soon as it has some again', async () => {
  const through = ['sh', '-c', `ulimit -n ${LIMIT_OF_DESCRIPTORS}; exec "$@"`, '-'];
  ordeal = await anOrdeal({ members: picked('web', 'worker', 'tidy'), through });
  await ordeal.watchdog.start();

  const crowds: Socket[] = [];
  for (let time = 0; time < (isLong ? 10 : 1); time += 1) {
    await ordeal.allWell();
    crowds.push(...crowd(ordeal.watchdog.port(), 100));
    await ordeal.watchdog.until('it has none left', () => ordeal.watchdog.descriptors() >= LIMIT_OF_DESCRIPTORS);
    for (const service of ['web', 'worker', 'tidy']) await ordeal.breakOne(service);
    for (const one of crowds.splice(0)) one.destroy();
  }
  const { injected, ...judgement } = await ordeal.judged();

  tell('descriptors exhausted', { injected, ...judgement });
  expect(judgement).toEqual(NOTHING);
});

const LIMIT = '128m';
const SERVICES = isLong ? 40 : 10;
const DELIVERIES = isLong ? 200 : 40;

/** The most that its process has had in memory, in MB. It is a child of tini, the container's first. */
async function peakOf(container: string): Promise<number> {
  const { stdout } = await run('docker', ['inspect', '--format', '{{.State.Pid}}', container]);
  const first = stdout.trim();
  const [own = first] = readFileSync(`/proc/${first}/task/${first}/children`, 'utf8').trim().split(' ');
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${own}/status`, 'utf8'))?.[1]) / 1_024);
}

test(`with ${LIMIT} of memory it outlives a burst of everything at once`, async () => {
  const container = `cwt-memory-${randomBytes(4).toString('hex')}`;
  const members = Object.fromEntries(
    Array.from({ length: SERVICES }, (_, n) => [`s${n}`, { yaml: '', ill: ['patient', 'sick'] }]),
  );
  ordeal = await anOrdeal({ members, image: { name: container, limits: ['--memory', LIMIT, '--memory-swap', LIMIT] } });
  await ordeal.watchdog.start();
  const about = (n: number) =>
    anAlertBody({
      fingerprint: n.toString(16).padStart(16, '0'),
      labels: { alertname: `Burst${n}`, auto_repair: 'true', service: 'nobody' },
    });

  const storm = Array.from({ length: DELIVERIES }, (_, n) =>
    ordeal.watchdog.post(aDelivery(Array.from({ length: 20 }, (_, m) => about(20 * n + m)))).catch(() => undefined),
  );
  await Promise.all([...Object.keys(members).map(ordeal.breakOne), ...storm]);
  await ordeal.allWell();
  const peak = await peakOf(container);
  const { stdout } = await run('docker', ['inspect', '--format', '{{.State.OOMKilled}} {{.State.Running}}', container]);
  const { injected, ...judgement } = await ordeal.judged();

  tell(`${LIMIT}, ${SERVICES} ill at once, ${20 * DELIVERIES} alerts`, { injected, ...judgement }, `peak ${peak} MB`);
  expect(stdout.trim()).toBe('false true');
  expect(judgement).toEqual(NOTHING);
});
