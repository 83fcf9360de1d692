import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { connectDocker } from '../../watchdog/adapters/docker/connect.ts';
import { anEngineProxy, type Call, type EngineProxy, type Treatment } from '../engine/engine-proxy.ts';
import { aProject, aWatchdog, CHECK, type Project, type Watched } from '../engine/harness.ts';
import { patientImage } from '../images/names.ts';

const YAML = `
services:
  web: { image: ${patientImage}, ${CHECK} }
  worker: { image: ${patientImage}, labels: { auto_repair.on_stop: respect } }
`;

let project: Project;
let reading: EngineProxy;
let acting: EngineProxy;
let watched: Watched;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('up', '-d', '--wait');
  reading = await anEngineProxy();
  acting = await anEngineProxy();
  const [read, act] = [reading, acting].map(({ host }) => connectDocker({ host, env: {} }));
  watched = await aWatchdog({
    projects: [project.name],
    env: { MAX_RESTART_ATTEMPTS: '50' },
    ...(read && { read }),
    ...(act && { act }),
  });
});

afterEach(() => {
  acting.treat = () => 'pass';
  reading.treat = () => 'pass';
  reading.eventBytes = piece => [piece];
  reading.deaf = false;
});

afterAll(async () => {
  await watched?.stop();
  await reading?.close();
  await acting?.close();
  await project?.tearDown();
});

const restartCalls = () => acting.calls.filter(call => call.path.endsWith('/restart')).length;
const webFallsSick = () => project.exec('web', 'patient', 'sick');
/** So is the first call of that sort treated, the others pass. */
const once = (wanted: (call: Call) => boolean, treatment: Treatment) => {
  let done = false;
  return (call: Call): Treatment => {
    if (done || !wanted(call)) return 'pass';
    done = true;
    return treatment;
  };
};

describe('the event connection', () => {
  test('is resumed after a cut, and a crash during the cut is healed', async () => {
    const startedBefore = (await project.container('worker')).State.StartedAt;

    const { repairs } = await watched.story('worker', async () => {
      reading.deaf = true;
      reading.cutEvents();
      await project.crash('worker');
      reading.deaf = false;
    });

    expect(repairs).toMatchObject([{ order: { strategy: 'start', condition: 'exited' }, outcome: 'healed' }]);
    expect((await project.container('worker')).State.StartedAt).not.toBe(startedBefore);
  });

  test('tells after a cut whether a person stopped the service meanwhile', async () => {
    const repairs = watched.repairs('worker').length;
    const { Id } = await project.container('worker');

    // Short: an engine remembers the last 256 events, every probe of every container among them. Others use this one as well.
    reading.deaf = true;
    reading.cutEvents();
    await project.docker('stop', '--time', '0', Id);
    reading.deaf = false;
    await watched.until('it is known to be wanted', () =>
      watched.decisions('worker')[0]?.because.includes('respected here'),
    );
    await watched.rounds(3);

    expect(watched.repairs('worker')).toHaveLength(repairs);
    expect((await project.container('worker')).State.Running).toBe(false);
    await project.compose('start', 'worker');
  });
});

describe('events that', () => {
  test('come twice lead to one repair', async () => {
    reading.eventBytes = piece => [piece, piece];
    const before = restartCalls();

    const { repairs } = await watched.story('web', webFallsSick);

    expect(repairs).toMatchObject([{ outcome: 'healed' }]);
    expect(restartCalls()).toBe(before + 1);
  });

  test('are torn in the middle cost no repair, for a round sees what they would have told', async () => {
    reading.eventBytes = piece => [piece.subarray(0, piece.length / 2)];
    const before = restartCalls();

    const { repairs } = await watched.story('web', webFallsSick);

    expect(repairs).toMatchObject([{ outcome: 'healed' }]);
    expect(restartCalls()).toBe(before + 1);
  });
});

describe('a call that', () => {
  test('comes late is waited for and not repeated', async () => {
    acting.treat = () => ({ delay: 2_000 });
    const before = restartCalls();

    const { repairs } = await watched.story('web', webFallsSick);

    expect(repairs).toMatchObject([{ outcome: 'healed' }]);
    expect(restartCalls()).toBe(before + 1);
  });

  test('fails before the deed counts as a failed attempt, and the next one heals', async () => {
    acting.treat = once(call => call.path.endsWith('/restart'), { answer: 500 });

    const { repairs } = await watched.story('web', webFallsSick);

    expect(repairs).toMatchObject([
      { outcome: 'failed', code: 'engine-error' },
      { outcome: 'healed', order: { attempt: expect.any(Number) } },
    ]);
  });

  test('is answered 409 and not carried out counts as a failed attempt, and the next one heals', async () => {
    acting.treat = once(call => call.path.endsWith('/restart'), { answer: 409 });

    const { repairs } = await watched.story('web', webFallsSick);

    expect(repairs).toMatchObject([{ outcome: 'failed', code: 'conflict' }, { outcome: 'healed' }]);
  });

  test.each<Treatment>(['fail-after', 'cut-after'])(
    'goes wrong after the deed (%s) is judged by a look, and not repeated',
    async treatment => {
      acting.treat = once(call => call.path.endsWith('/restart'), treatment);
      const before = restartCalls();

      const { repairs } = await watched.story('web', webFallsSick);

      expect(repairs).toMatchObject([{ outcome: 'healed' }]);
      expect(restartCalls()).toBe(before + 1);
    },
  );

  test('is delivered to the engine twice makes one repair', async () => {
    acting.treat = once(call => call.path.endsWith('/restart'), 'deliver-twice');
    const before = restartCalls();

    const { repairs } = await watched.story('web', webFallsSick);

    expect(repairs).toMatchObject([{ outcome: 'healed' }]);
    expect(restartCalls()).toBe(before + 1);
    expect((await project.container('web')).State.Health?.Status).toBe('healthy');
  });

  test('only looks may fail at times, and the repair goes on', async () => {
    let looks = 0;
    const treatments: readonly Treatment[] = ['truncate', 'cut-before', { answer: 500 }];
    reading.treat = ({ path }) =>
      path.endsWith('/json') && ++looks % 3 === 0 ? (treatments[(looks / 3) % treatments.length] ?? 'pass') : 'pass';

    const { repairs } = await watched.story('web', webFallsSick);

    expect(repairs).toMatchObject([{ outcome: 'healed' }]);
    expect(looks).toBeGreaterThan(3);
  });
});

test('nothing that changes anything has passed the endpoint for reading', () => {
  expect(reading.calls.filter(call => call.isChange)).toEqual([]);
  expect(acting.calls.filter(call => call.isChange).length).toBeGreaterThan(5);
});
