import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { patientImage } from '../images/names.ts';
import { anEngineProxy } from './engine-proxy.ts';
import { aProject, CHECK, type Project } from './harness.ts';
import { inEveryLane, watchdogLives } from './mortal-life.ts';

type Strategy = 'restart' | 'clean-restart' | 'recreate';

/** Each lane has a project of its own and takes every n-th instant, so that the waits overlap. */
interface Lane {
  readonly strategy: Strategy;
  readonly first: number;
  readonly every: number;
  readonly project: Project;
  readonly ledgerFile: string;
  readonly folder: string;
}

/** Two networks and an anonymous volume, so that there is something to lose half way. */
const YAML = `
services:
  web:
    image: ${patientImage}
    ${CHECK}
    networks: [front, back]
    volumes: [/data]
networks: { front: {}, back: {} }
`;

let lanes: readonly Lane[];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cwt-crash-'));
  lanes = [aLane('clean-restart', 1, 1), ...[1, 2, 3, 4].map(first => aLane('recreate', first, 4))];
  await Promise.all(lanes.map(({ project }) => project.compose('up', '-d', '--wait')));
});

afterAll(async () => {
  for (const { project } of lanes ?? []) await project.tearDown();
  rmSync(folder, { recursive: true });
});

const aLane = (strategy: Strategy, first: number, every: number): Lane => ({
  strategy,
  first,
  every,
  project: aProject(YAML),
  ledgerFile: join(folder, `${strategy}-${first}`),
  folder,
});

const resolved = (said: readonly string[]) => said.includes('news incident-resolved');

/** Kills the watchdog at its n-th instant of a repair, and lets another one come. */
async function crashAt(lane: Lane, n: number) {
  const { project, ledgerFile } = lane;
  const { ledger } = openLedger(ledgerFile, { logger: SILENT });
  const before = new Set(ledger.repairs({ limit: 500 }).items.map(({ id }) => id));
  await project.exec('web', 'patient', 'sick');
  const first = await watchdogLives(lane, n, resolved);
  if (first.died) await watchdogLives(lane, 0, resolved);

  const containers = await project.containers('web');
  const unfinished = ledger.unfinishedRepairs().length;
  const open = ledger.incidents({ limit: 500, open: true }).items.length;
  const repairs = ledger.repairs({ limit: 500 }).items.filter(({ id }) => !before.has(id));
  ledger.close();
  return {
    died: first.died,
    instants: first.instants,
    containers: containers.map(({ Name, State, NetworkSettings, Mounts }) => ({
      name: Name,
      health: State.Health?.Status,
      networks: Object.keys(NetworkSettings.Networks).length,
      volumes: Mounts.map(mount => mount.Name),
    })),
    unfinished,
    open,
    outcomes: repairs.map(({ outcome }) => outcome).toReversed(),
  };
}

const SILENT = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

/** @returns the instants of a repair that nobody interrupted. */
async function crashEverywhere(lane: Lane): Promise<readonly string[]> {
  const original = await lane.project.container('web');
  const volumes = original.Mounts.map(mount => mount.Name);
  const asItWas = [{ name: original.Name, health: 'healthy', networks: 2, volumes }];
  for (let n = lane.first; ; n += lane.every) {
    const { died, instants, containers, unfinished, open, outcomes } = await crashAt(lane, n);

    const at = `${lane.strategy}: ${instants.at(-1)}`;
    expect({ at, containers, unfinished, open }).toEqual({ at, containers: asItWas, unfinished: 0, open: 0 });
    if (!died) return instants;
    if (!at.includes('endRepair')) expect({ at, first: outcomes[0] }).toEqual({ at, first: 'interrupted' });
  }
}

test('killed at any instant of a repair in several steps, it leaves one healthy container and a ledger that tells', async () => {
  const [cleanRestart, recreate] = await inEveryLane(lanes, crashEverywhere);

  const stepsIn = (instants: readonly string[] = []) =>
    instants.flatMap(line => /after noteStep (\S+)/.exec(line)?.[1] ?? []);
  expect(stepsIn(cleanRestart)).toEqual(['stop', 'start']);
  expect(stepsIn(recreate)).toEqual(['create', 'stop-old', 'swap-names', 'start-new']);
});

const SLOW = `
services:
  web: { image: ${patientImage}, ${CHECK}, environment: { PATIENT_STOP_DELAY: 3 }, labels: { auto_repair.on_stop: respect } }
`;

/** The call goes on to the engine, and whoever made it is dead. */
async function killedWhileStopping(strategy: Strategy) {
  const project = aProject(SLOW);
  const proxy = await anEngineProxy();
  const lane = { strategy, project, folder, ledgerFile: join(folder, `slow-${strategy}`) };
  const killedByStop = (kill: () => void) => {
    proxy.treat = ({ path }) => {
      if (/\/(stop|restart)$/.test(path)) kill();
      return 'pass';
    };
    return { engine: proxy.host };
  };
  try {
    await project.compose('up', '-d', '--wait');
    await project.exec('web', 'patient', 'sick');
    const { died } = await watchdogLives(lane, 0, () => false, killedByStop);
    await watchdogLives(lane, 0, resolved);
    return { strategy, died, health: (await project.container('web')).State.Health?.Status };
  } finally {
    await proxy.close();
    await project.tearDown();
  }
}

test("killed while the engine is still stopping a container for it, it takes that for nobody else's wish", async () => {
  const strategies = ['restart', 'clean-restart', 'recreate'] as const;

  const stories = await inEveryLane(strategies, killedWhileStopping);

  expect(stories).toEqual(strategies.map(strategy => ({ strategy, died: true, health: 'healthy' })));
});
