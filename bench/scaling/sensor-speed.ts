import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../watchdog/adapters/clock.ts';
import { loadSettings } from '../../watchdog/config/load-settings.ts';
import { NOTHING_SEEN, type Replica } from '../../watchdog/domain/service.ts';
import { StackKeeper } from '../../watchdog/observe/stack-keeper.ts';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { scaler } from '../../watchdog/scaler.ts';
import { summaryOf } from '../statistics.ts';
import { random } from './random.ts';

const SERVICES = 500;
const REPLICAS = 4;
const ROUNDS = 60;
const INTERVAL = 30_000;
const SILENT = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

/**
 * How long one pass of the sensor over 500 services takes, from the first label to the last row in a real ledger: settings read from
 * labels, processors from the stack, a queue each that answers at once, weighed, remembered. Milliseconds.
 */
export async function sensorSpeed() {
  const folder = mkdtempSync(join(tmpdir(), 'cw-bench-'));
  const { ledger } = openLedger(join(folder, 'ledger.sqlite'), { logger: SILENT });
  const stack = new StackKeeper(() => []);
  const draw = random(1);
  for (let at = 0; at < SERVICES; at++)
    for (let number = 1; number <= REPLICAS; number++) stack.put(aReplica(`s${at}`, number));
  const { settings } = loadSettings({ env: { WATCHDOG_CONFIG: '' }, inContainer: false });
  let now = Date.UTC(2026, 0, 1);
  const { sensor } = scaler({
    settings: () => settings,
    stack,
    ledger,
    read: { howMade: async () => MADE },
    scope: { projects: '*', selfId: undefined },
    queues: async () => Math.round(400 * draw()),
    query: () => undefined,
    isUnderRepair: () => false,
    emit: () => undefined,
    clock: { ...systemClock, now: () => now },
    logger: SILENT,
  });
  const took: number[] = [];
  let processor = 0;
  for (let round = 0; round < ROUNDS; round++) {
    now += INTERVAL;
    for (const id of stack.ids()) stack.addSample(id, aSample(draw(), now));
    const began = performance.now();
    const used = process.cpuUsage();
    await sensor.read();
    took.push(performance.now() - began);
    const { user, system } = process.cpuUsage(used);
    processor += (user + system) / 1_000;
  }
  ledger.close();
  rmSync(folder, { recursive: true });
  return {
    services: SERVICES,
    first: took[0],
    processor: Math.round((10 * processor) / ROUNDS) / 10,
    ...summaryOf(took),
  };
}

const MADE = {
  image: 'shop/worker:3',
  ownName: undefined,
  published: [],
  staticAddresses: [],
  sharedNetwork: undefined,
  sharedProcesses: undefined,
  exposes: [],
  mounts: [],
  autoRemove: false,
};

const aReplica = (service: string, number: number): Replica => ({
  project: 'shop',
  service,
  number,
  id: `${service}-${number}`,
  name: `shop-${service}-${number}`,
  image: 'shop/worker:3',
  state: 'running',
  health: 'none',
  exitCode: undefined,
  labels: {
    auto_scale: 'true',
    'auto_scale.max': '20',
    'auto_scale.metric': Number(service.slice(1)) % 2 === 0 ? 'cpu' : 'queue',
    ...(Number(service.slice(1)) % 2 === 0 ? {} : { 'auto_scale.queue': 'redis://cache:6379/0#jobs' }),
  },
  networkParent: undefined,
  addresses: [],
  createdAt: 0,
  oneOff: false,
  publishesPorts: false,
  inspected: undefined,
  seen: NOTHING_SEEN,
  samples: [],
});

const aSample = (cpu: number, at: number) => ({
  at,
  cpu,
  memory: 0.5,
  memoryBytes: 0,
  memoryLimited: true,
  networkErrors: undefined,
  networkErrorsTotal: 0,
});
