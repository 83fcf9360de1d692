import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, CHECK, type Project, type Watched } from './harness.ts';

// `dead` cannot be provoked on this engine: it takes a file system that cannot be unmounted. Its judge has unit tests, and
// `recreate`, which answers it, has engine tests of its own.

const YAML = `
services:
  sick: { image: ${patientImage}, ${CHECK} }
  frozen: { image: ${patientImage}, environment: { PATIENT_PORT: 8080 }, ${CHECK} }
  failing: { image: ${patientImage}, restart: "no" }
  killed: { image: ${patientImage}, restart: "no" }
  # A single probe that runs into the dying container must not make it unhealthy first.
  finished: { image: ${patientImage}, healthcheck: { test: ["CMD", "patient", "check"], interval: 500ms, timeout: 30s, retries: 5, start_period: 30s } }
  greedy: { image: ${patientImage}, mem_limit: 8m }
  parent: { image: ${patientImage} }
  child: { image: ${patientImage}, network_mode: "service:parent" }
  keeper: { image: ${patientImage}, volumes: ["data:/data"] }
  looping: &loop
    image: ${patientImage}
    restart: always
    volumes: ["data:/data"]
    entrypoint: ["sh", "-c", "test -e /data/well || exit 3; exec patient"]
    labels: { auto_repair.max_attempts: 50 }
  # A machine that is busy may take longer over its end than a repair has to last; who awaits a first probe is not well before that.
  hopeless: { image: ${patientImage}, restart: always, entrypoint: ["sh", "-c", "exit 4"], healthcheck: { test: ["CMD", "true"], interval: 1h } }
volumes: { data: {} }
`;

let project: Project;
let watched: Watched;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose(
    'up',
    '-d',
    '--wait',
    'sick',
    'frozen',
    'failing',
    'killed',
    'finished',
    'greedy',
    'child',
    'keeper',
  );
  // These need a while to be known as loops.
  await project.compose('up', '-d', 'looping', 'hopeless');
  // However long the engine takes from the end of a container to its start: who restarts one by hand is not overtaken.
  watched = await aWatchdog({ projects: [project.name], env: { WATCHDOG_STOP_GRACE: '10m' } });
});

afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

const state = async (service: string) => (await project.container(service)).State;

describe('a service that is running and not well', () => {
  test('is restarted when the engine calls it unhealthy, and people are shown what its check said', async () => {
    const before = await state('sick');

    const { incident, repairs } = await watched.story('sick', () => project.exec('sick', 'patient', 'sick'));

    expect(incident).toMatchObject({ condition: 'unhealthy', evidence: { probeOutput: 'the patient is sick' } });
    expect(repairs).toMatchObject([{ order: { strategy: 'restart', attempt: 1 }, outcome: 'healed', code: 'proven' }]);
    const after = await state('sick');
    expect(after.Health?.Status).toBe('healthy');
    expect(after.StartedAt).not.toBe(before.StartedAt);
  });

  test('is restarted when a process of it hangs (kill -STOP) and its check gets no answer', async () => {
    const { incident, repairs } = await watched.story('frozen', () => project.exec('frozen', 'patient', 'freeze'));

    expect(incident.condition).toBe('unhealthy');
    expect(repairs).toMatchObject([{ order: { strategy: 'restart' }, outcome: 'healed' }]);
    expect((await state('frozen')).Health?.Status).toBe('healthy');
  });
});

describe('a service that has ended', () => {
  test('is started again after it failed, though its restart policy says no', async () => {
    const { incident, repairs } = await watched.story('failing', () =>
      project.execLast('failing', 'patient', 'exit', '1'),
    );

    expect(incident).toMatchObject({ condition: 'exited', evidence: { exitCode: 1 } });
    expect(incident.stoppedByHandAt).toBeUndefined();
    expect(repairs).toMatchObject([{ order: { strategy: 'start' }, outcome: 'healed' }]);
    expect((await state('failing')).Running).toBe(true);
  });

  test('is started again after a kill -9, which is not told as a lack of memory', async () => {
    const { incident, repairs } = await watched.story('killed', () => project.crash('killed'));

    expect(incident).toMatchObject({ condition: 'exited', evidence: { exitCode: 137 } });
    expect(incident.evidence).not.toHaveProperty('oomKilled');
    expect(incident.because).toContain('exited with 137');
    expect(repairs).toMatchObject([{ order: { strategy: 'start' }, outcome: 'healed' }]);
  });

  test('is started again when it is a server that ended with 0', async () => {
    const { incident, repairs } = await watched.story('finished', () =>
      project.execLast('finished', 'patient', 'exit', '0'),
    );

    expect(incident).toMatchObject({ condition: 'exited', evidence: { exitCode: 0 } });
    expect(repairs).toMatchObject([{ order: { strategy: 'start' }, outcome: 'healed' }]);
  });

  test('is started again after the kernel killed it for its memory, and that is what people are told', async () => {
    const { incident, repairs } = await watched.story('greedy', () => project.execLast('greedy', 'patient', 'eat'));

    expect(incident).toMatchObject({ condition: 'exited', evidence: { exitCode: 137, oomKilled: true } });
    expect(incident.because).toContain('memory');
    expect(repairs).toMatchObject([{ order: { strategy: 'start' }, outcome: 'healed' }]);
  });
});

describe('a service in the network of another', () => {
  test('is restarted after that other one was restarted', async () => {
    await project.exec('child', 'ip', 'link', 'show', 'eth0');

    const { incident, repairs } = await watched.story('child', () =>
      project.docker('restart', '-t', '0', `${project.name}-parent-1`),
    );

    expect(incident).toMatchObject({ condition: 'orphaned-network', evidence: { parent: 'restarted' } });
    expect(repairs).toMatchObject([{ order: { strategy: 'rejoin-network' }, outcome: 'healed' }]);
    expect(await project.exec('child', 'ip', 'link', 'show', 'eth0')).toContain('UP');
    expect(watched.repairs('parent')).toEqual([]);
  });
});

describe('a service that the engine keeps restarting', () => {
  test('is stopped and started, and counts as repaired once it stays up', async () => {
    await watched.until('an attempt has failed', () =>
      watched.repairs('looping').some(r => r.outcome === 'not-healed'),
    );
    const [incident] = watched.incidents('looping');

    await project.exec('keeper', 'touch', '/data/well');
    await watched.until('the loop is over', () => watched.incidents('looping')[0]?.state === 'resolved');

    expect(incident).toMatchObject({ condition: 'restarting', evidence: { exitCode: 3 } });
    expect(new Set(watched.repairs('looping').map(r => r.order.strategy))).toEqual(new Set(['clean-restart']));
    expect((await state('looping')).Running).toBe(true);
  });

  test('is left to people after three attempts, and they are told once', async () => {
    const told = () => watched.incidents('hopeless').filter(i => i.life.some(({ state }) => state === 'escalated'));
    await watched.until('people are told', () => told().length > 0);
    await watched.until(
      'no more is tried for now',
      () => watched.decisions('hopeless')[0]?.code === 'attempt-cap' && watched.decisions('hopeless')[0],
    );
    await watched.rounds(3);

    const story = watched.repairs('hopeless').map(r => `${r.order.strategy}: ${r.outcome}`);
    expect(story).toEqual(Array(3).fill('clean-restart: not-healed'));
    const times = told().flatMap(({ life }) => life.filter(({ state }) => state === 'escalated'));
    expect(times).toHaveLength(1);
  });
});
