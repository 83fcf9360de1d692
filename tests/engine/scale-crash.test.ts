import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { patientImage } from '../images/names.ts';
import { aProject, CHECK } from './harness.ts';
import { inEveryLane, type MortalLife, watchdogLives } from './mortal-life.ts';

/** Each lane has a project of its own and takes every n-th instant, so that the waits overlap. */
interface Lane extends MortalLife {
  readonly to: 1 | 4;
  readonly first: number;
  readonly every: number;
}

const YAML = `services: { web: { image: ${patientImage}, ${CHECK}, stop_grace_period: 1s, volumes: [/data] } }`;
const SILENT = { error: () => undefined, warn: () => undefined, info: () => undefined, debug: () => undefined };

let folder: string;
let lanes: readonly Lane[];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cwt-scale-crash-'));
  lanes = [aLane(1, 1, 1), ...[1, 2].map(first => aLane(4, first, 2))];
});

afterAll(async () => {
  for (const { project } of lanes ?? []) await project.tearDown();
  rmSync(folder, { recursive: true });
});

const aLane = (to: Lane['to'], first: number, every: number): Lane => ({
  ...{ to, first, every, folder },
  strategy: `scale, with: { replicas: ${to} }`,
  project: aProject(YAML),
  ledgerFile: join(folder, `${to}-${first}`),
});

/** Two replicas, of which the second falls ill; the watchdog dies at its n-th instant of the order, and another one comes. */
async function crashAt(lane: Lane, n: number) {
  const { project } = lane;
  await project.compose('down', '-v', '-t', '0');
  await project.compose('up', '-d', '--wait', '--scale', 'web=2');
  await project.docker('exec', `${project.name}-web-2`, 'patient', 'sick');
  // An incident that the life before has left open would be over for whoever comes while it still counts as healthy.
  const second = async () => (await project.containers('web'))[1]?.State.Health?.Status;
  await project.until('the second is known to be ill', async () => (await second()) === 'unhealthy');
  // What the life before has left open it may tell the end of first, and order anew; what that one, or the engine itself, has finished
  // may leave nothing to order.
  const words = ['news repair-ended', 'news incident-resolved', 'news decided'];
  const done = async (said: readonly string[]) =>
    words.some(word => said.includes(word)) && (await isSized(lane)) && unfinishedIn(lane).length === 0;
  const first = await watchdogLives(lane, n, done);
  // As long as the second is ill the same is ordered anew, and does nothing: that one may be under way when its watchdog is stopped.
  const left = first.died ? unfinishedIn(lane) : [];
  if (first.died) await watchdogLives(lane, 0, done);

  const states = (await project.containers('web')).map(({ State }) => State.Status);
  return { ...first, unfinished: unfinishedIn(lane).filter(id => left.includes(id)), states };
}

async function isSized({ project, to }: Lane): Promise<boolean> {
  const containers = await project.containers('web');
  return containers.length === to && containers.every(({ State }) => State.Running);
}

/** The repairs that were begun and have not ended. */
function unfinishedIn({ ledgerFile }: Lane): readonly string[] {
  const { ledger } = openLedger(ledgerFile, { logger: SILENT });
  const ids = ledger.unfinishedRepairs().map(({ id }) => id);
  ledger.close();
  return ids;
}

/** @returns the instants of a scaling that nobody interrupted. */
async function crashEverywhere(lane: Lane): Promise<readonly string[]> {
  for (let n = lane.first; ; n += lane.every) {
    const { died, instants, states, unfinished } = await crashAt(lane, n);

    const at = `to ${lane.to}: ${instants.at(-1)}`;
    const allRun = Array.from({ length: lane.to }, () => 'running');
    expect({ at, states, unfinished }).toEqual({ at, states: allRun, unfinished: [] });
    if (!died) return instants;
  }
}

test('killed at any instant of scaling up or down, it leaves nothing half made, and the order is carried out', async () => {
  const [down, up] = await inEveryLane(lanes, crashEverywhere);

  const stepsIn = (instants: readonly string[] = []) =>
    instants.flatMap(line => /after noteStep (\S+)/.exec(line)?.[1] ?? []);
  expect(stepsIn(down)).toEqual(['take', 'stop', 'remove']);
  expect(stepsIn(up).sort()).toEqual(['add', 'add', 'start', 'start']);
});
