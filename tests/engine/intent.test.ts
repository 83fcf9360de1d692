import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

const YAML = `
services:
  web: { image: ${patientImage} }
  kept-down: { image: ${patientImage}, labels: { auto_repair.on_stop: respect } }
  steadfast: { image: ${patientImage}, restart: unless-stopped }
  other: { image: ${patientImage} }
`;

const SERVICES = ['web', 'kept-down', 'steadfast', 'other'];

let project: Project;
let watched: Watched;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('up', '-d');
});

afterAll(() => project?.tearDown());

/** For the tests of one group. `grace`: how long what is stopped by hand is left. */
function watchedWith(grace: string): void {
  beforeAll(async () => {
    watched = await aWatchdog({ projects: [project.name], env: { WATCHDOG_STOP_GRACE: grace } });
  });
  afterAll(() => watched?.stop());
}

const state = async (service: string) => (await project.container(service)).State;
const repairsOfAll = () => SERVICES.flatMap(service => watched.repairs(service));
const standsBack = async (service: string, because: RegExp) => {
  await watched.until(`${service} is left alone: ${because}`, () =>
    because.test(watched.decisions(service)[0]?.because ?? ''),
  );
  await watched.rounds(3);
};

describe('stopped by hand', () => {
  watchedWith('2s');

  test.each(['web', 'steadfast'])('a service is started again after the grace (%s)', async service => {
    await project.compose('stop', '-t', '0', service);
    const stoppedAt = Date.parse((await state(service)).FinishedAt);

    const repair = await watched.until('it is started again', () =>
      watched.repairs(service).find(r => r.outcome === 'healed'),
    );

    expect(repair).toMatchObject({ order: { strategy: 'start', reason: expect.stringContaining('stopped by hand') } });
    expect(repair.startedAt - stoppedAt).toBeGreaterThanOrEqual(1_900);
    expect((await state(service)).Running).toBe(true);
  });

  test('a service is never started again where that is to be respected', async () => {
    await project.compose('stop', '-t', '0', 'kept-down');

    await standsBack('kept-down', /respected here/);

    expect(watched.repairs('kept-down')).toEqual([]);
    expect((await state('kept-down')).Running).toBe(false);
    await project.compose('start', 'kept-down');
  });
});

describe('what Compose does is not fought with', () => {
  // Longer than the engine takes over all of them, however busy the machine is.
  watchedWith('10m');

  test('`stop` takes the whole project down, and it stays down', async () => {
    await project.until('all run', async () => (await Promise.all(SERVICES.map(state))).every(s => s.Running));
    const before = repairsOfAll().length;

    await project.compose('stop', '-t', '0');
    await standsBack('web', /whole project/);

    expect(repairsOfAll()).toHaveLength(before);
    expect((await Promise.all(SERVICES.map(state))).map(s => s.Running)).toEqual(SERVICES.map(() => false));
    await project.compose('start');
  });

  const lives = async () =>
    Object.fromEntries(await Promise.all(SERVICES.map(async s => [s, (await project.container(s)).Id] as const)));

  test('`restart` brings up the same containers, each started once', async () => {
    const before = await lives();
    const repairs = repairsOfAll().length;

    await project.compose('restart', '-t', '0');
    await watched.rounds(4);

    expect(await lives()).toEqual(before);
    expect((await Promise.all(SERVICES.map(state))).every(s => s.Running)).toBe(true);
    expect(repairsOfAll()).toHaveLength(repairs);
  });

  test('`up --force-recreate` leaves exactly its own new containers', async () => {
    const before = await lives();
    const repairs = repairsOfAll().length;

    await project.compose('up', '-d', '--force-recreate', '-t', '0');
    await watched.rounds(4);

    const after = await lives();
    expect(SERVICES.filter(service => after[service] === before[service])).toEqual([]);
    expect((await Promise.all(SERVICES.map(state))).every(s => s.Running)).toBe(true);
    expect(repairsOfAll()).toHaveLength(repairs);
  });

  test('`down` leaves nothing behind, no container and no open incident', async () => {
    const others = () => ['kept-down', 'steadfast', 'other'].flatMap(service => watched.repairs(service)).length;
    const before = others();
    await project.crash('web');
    await watched.until('the crash is known', () => watched.incidents('web').some(i => i.state !== 'resolved'));

    await project.compose('down', '-t', '0');
    await watched.until('no incident is open', () =>
      SERVICES.flatMap(service => watched.incidents(service)).every(({ state }) => state === 'resolved'),
    );
    await watched.rounds(4);

    expect(await project.docker('ps', '-aq', '--filter', `label=com.docker.compose.project=${project.name}`)).toBe('');
    expect(others()).toBe(before);
  });
});
