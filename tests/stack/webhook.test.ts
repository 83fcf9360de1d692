// The product as a process of its own, at a real engine, and whatever may be posted to it.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { anEngineProxy, type Call, type EngineProxy } from '../engine/engine-proxy.ts';
import { aProject, type Project } from '../engine/harness.ts';
import { aWatchdogProcess, type WatchdogProcess } from '../engine/watchdog-process.ts';
import { aBurst, aDelivery, anAlertBody } from '../fakes/a-delivery.ts';
import { patientImage } from '../images/names.ts';

let project: Project;
let engine: EngineProxy;
let watchdog: WatchdogProcess;

const SERVICES = ['first', 'second', 'third', 'untouched'];

beforeAll(async () => {
  const services = SERVICES.map(name => `  ${name}: { image: "${patientImage}", stop_grace_period: 1s }`);
  project = aProject(`services:\n${services.join('\n')}\n`);
  await project.compose('up', '-d');
  engine = await anEngineProxy();
  watchdog = await aWatchdogProcess({
    DOCKER_HOST: engine.host,
    WATCHDOG_PROJECTS: project.name,
    WATCHDOG_INTERVAL: '1',
    WATCHDOG_SETTLE: '1s',
    WATCHDOG_BACKOFF_INITIAL: '1s',
  });
  await watchdog.start();
});

afterAll(async () => {
  await watchdog?.close();
  await engine?.close();
  await project?.tearDown();
});

/** About a service of the project, under a fingerprint of its own. */
const alertAbout = (service: string, differing: Readonly<Record<string, unknown>> = {}) =>
  anAlertBody({
    labels: { alertname: 'HighErrorRate', auto_repair: 'true', repair: 'restart', project: project.name, service },
    fingerprint: Buffer.from(service).toString('hex').padStart(16, '0'),
    ...differing,
  });

const repairsOf = async (service: string) => (await watchdog.repairs()).filter(repair => repair.service === service);
const startOf = async (service: string) => (await project.container(service)).State.StartedAt;

/** Whatever was posted before has been attended to when this one has: it is about nobody, and refused. */
async function attendedTo(): Promise<void> {
  const alertname = `Later-${randomUUID()}`;
  const labels = { alertname, auto_repair: 'true', repair: 'restart', service: 'nobody' };
  await watchdog.post(aDelivery([anAlertBody({ labels, fingerprint: alertname })]));
  await watchdog.until('a later alert is attended to', async () =>
    (await watchdog.decisions()).some(({ service }) => service === `alert ${alertname}`),
  );
}

const over = { status: 'resolved', endsAt: '2026-03-01T10:30:00Z' };

describe('what no Alertmanager would send', () => {
  const text = JSON.stringify(aDelivery());
  const bytes = (...more: readonly number[]) =>
    Uint8Array.from([...Buffer.from('{"version":"4","groupKey":"'), ...more]);

  test.each([
    ['cut off in the middle', text.slice(0, text.length / 2), 400],
    ['empty', '', 400],
    ['not JSON', 'version=4&alerts=all', 400],
    ['JSON, and no object', '[[[[4]]]]', 400],
    ['of version 3', aDelivery([anAlertBody()], { version: '3' }), 400],
    ['without alerts', { version: '4' }, 400],
    ['not UTF-8', bytes(0xc3, 0x28, 0x22, 0x7d), 400],
    ['5 MB', aDelivery([anAlertBody({ annotations: { summary: 'x'.repeat(5_000_000) } })]), 413],
    ['nested ten thousand deep', `{"version":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 400],
  ])('is refused when it is %s', async (_, body, status) => {
    expect((await watchdog.post(body)).status).toBe(status);

    expect(watchdog.isAlive()).toBe(true);
  });

  test('is refused with the token of somebody else, and the body is not told what is wrong with it', async () => {
    const { status, json } = await watchdog.post('{', 'a-token-of-somebody-else');

    expect(status).toBe(401);
    expect(JSON.stringify(json)).not.toContain('JSON');
  });
});

describe('labels that want to be more than names', () => {
  const EVIL = [
    '../../etc/passwd',
    '/containers/json?all=1',
    '%2e%2e%2fimages',
    'untouched"} or up{job="',
    'untouched|.*',
    '{__name__=~".+"}',
    '$(touch /tmp/cwt-owned)',
    '`reboot`',
    "untouched'; DROP TABLE alerts; --",
    '__proto__',
    'constructor',
    'untouched\u0000',
    'untouched\n',
    '\u202euntouched',
    'x'.repeat(100_000),
  ];
  const spelled = (value: string) => [
    { service: value, project: project.name },
    { project: value, service: 'untouched' },
    { container_label_com_docker_compose_service: value },
    { container_id: value },
    { instance: value },
    { project: project.name, service: 'untouched', repair: value },
    { project: project.name, service: 'untouched', repair: `playbook:${value}` },
  ];

  test('name nobody, repair nothing, and reach no address of the engine', async () => {
    const labels = EVIL.flatMap(spelled);
    const asked = engine.calls.length;
    const started = await startOf('untouched');

    const { status, json } = await watchdog.post(
      aDelivery(
        labels.map((each, n) =>
          alertAbout('untouched', {
            labels: { alertname: `Evil${n}`, auto_repair: 'true', repair: 'restart', ...each },
            fingerprint: `evil${n}`,
          }),
        ),
      ),
    );
    await attendedTo();

    expect({ status, queued: json.queued }).toEqual({ status: 202, queued: labels.length });
    expect(await watchdog.counted('unknown-repair')).toBe(2 * EVIL.length);
    expect(await startOf('untouched')).toBe(started);
    const paths = engine.calls.slice(asked).map(({ path }) => path);
    expect(
      paths.filter(path => !/^\/(events|_ping|info|version|(containers|images|networks)\/[\w./-]+)$/.test(path)),
    ).toEqual([]);
    expect(engine.calls.slice(asked).filter(({ isChange }) => isChange)).toEqual([]);
  });
});

test('a body that is sent again is known, and repairs nothing again', async () => {
  const firing = aDelivery([alertAbout('first')]);

  expect((await watchdog.post(firing)).json).toMatchObject({ queued: 1, repeated: 0 });
  await watchdog.until('the repair is done', async () => (await repairsOf('first'))[0]?.actedAt);
  const started = await startOf('first');
  expect((await watchdog.post(firing)).json).toMatchObject({ queued: 0, repeated: 1 });
  await watchdog.post(aDelivery([alertAbout('first', over)]));
  await watchdog.until('it has healed', async () => (await repairsOf('first'))[0]?.outcome === 'healed');
  expect((await watchdog.post(firing)).json).toMatchObject({ queued: 0, repeated: 1 });
  await attendedTo();

  expect(await repairsOf('first')).toHaveLength(1);
  expect(await startOf('first')).toBe(started);
});

describe('killed', () => {
  /** The names of those that nobody is known for. */
  const refused = async () =>
    new Set((await watchdog.decisions()).flatMap(({ service }) => /^alert Alert\d+$/.exec(service) ?? []));
  const isRestart = ({ path }: Call) => path.endsWith('/restart');

  test('between taking an alert and repairing, it repairs once when it is back', async () => {
    const { Id } = await project.container('second');
    const held = Promise.withResolvers<void>();
    const reached = new Promise<void>(resolve => {
      engine.treat = async call => {
        if (!isRestart(call)) return 'pass';
        resolve();
        await held.promise;
        return { answer: 500 as const };
      };
    });

    await watchdog.post(aDelivery([alertAbout('second')]));
    await reached;
    await watchdog.kill();
    held.resolve();
    engine.treat = () => 'pass';
    const before = engine.calls.length;
    await watchdog.start();
    await watchdog.until('the repair is done', async () => (await repairsOf('second'))[0]?.actedAt);
    await watchdog.post(aDelivery([alertAbout('second', over)]));
    await watchdog.until('it has healed', async () => (await repairsOf('second'))[0]?.outcome === 'healed');

    expect(
      engine.calls
        .slice(before)
        .filter(isRestart)
        .map(({ path }) => path),
    ).toEqual([`/containers/${Id}/restart`]);
    expect((await repairsOf('second')).map(({ code }) => code)).toEqual(['proven', 'crash']);
  });

  test('right after it took 2,000 alerts, it loses none of them', async () => {
    const before = engine.calls.length;
    const { alerts } = aBurst(1_999);

    const { status, json } = await watchdog.post(aDelivery([...alerts, alertAbout('third')]));
    await watchdog.kill();
    await watchdog.start();
    await watchdog.until('the last is repaired', async () => (await repairsOf('third'))[0]?.actedAt);
    await watchdog.until('all are attended to', async () => (await refused()).size === alerts.length);

    expect({ status, ...json }).toMatchObject({ status: 202, queued: 2_000, repeated: 0 });
    expect(engine.calls.slice(before).filter(isRestart)).toHaveLength(1);
    expect(await repairsOf('third')).toHaveLength(1);
  });
});
