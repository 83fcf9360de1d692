import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { busyboxImage, patientImage } from '../images/names.ts';
import { aProject, type Project } from './harness.ts';
import { aWatchdogProcess, type WatchdogProcess } from './watchdog-process.ts';
import { SHORT } from './watched.ts';

const QUICK = 'stop_grace_period: 0s';
/** Writes its state anew and then puts it in the place of the old one, for which there has to be room for both. */
const WRITES = 'while :; do echo state > /state/next && mv /state/next /state/now; sleep 0.1; done';

let project: Project;
let watchdog: WatchdogProcess;
/** A container whose network is gone. */
let stranded: string;

beforeAll(async () => {
  project = aProject(`
services:
  disk: { image: ${busyboxImage}, command: ["sh", "-c", "echo ready; ${WRITES}"], tmpfs: ["/state:size=64k"], ${QUICK} }
  memory: { image: ${patientImage}, mem_limit: 32m, memswap_limit: 32m, ${QUICK} }
  network: { image: ${busyboxImage}, command: ["sleep", "100000"], networks: [back], ${QUICK} }
networks: { back: {} }
`);
  await project.compose('up', '-d');
  await project.compose('stop', 'network');
  const network = `${project.name}_back`;
  await project.docker('network', 'rm', network);
  await project.docker('network', 'create', '--label', `com.docker.compose.project=${project.name}`, network);
  stranded = (await project.container('network')).Id;
  await expect(project.docker('start', stranded)).rejects.toThrow('not found');
  watchdog = await aWatchdogProcess({ ...SHORT, WATCHDOG_PROJECTS: project.name });
  await watchdog.start();
  await watchdog.until('logs are read', () => counts('log_lines_total'));
});

afterAll(async () => {
  await watchdog?.close();
  await project?.tearDown();
});

/** Whether it was counted for the one that writes. */
const counts = async (metric: string) =>
  new RegExp(`^${metric}\\{.*service="disk"`, 'm').test((await watchdog.get('/metrics')).text);

/** What has ended before logs are read may be started again first. */
const firstRepairFor = (wanted: string) =>
  watchdog.until(`a repair for ${wanted} has ended`, async () =>
    (await watchdog.repairs()).findLast(({ condition, outcome }) => condition === wanted && outcome !== undefined),
  );

test('a container whose disk is full says so in its log, and begins anew with an empty tmpfs', async () => {
  await watchdog.until('its log says so', async () => {
    // Again and again: where two files stood there at that moment, one was put in the other's place, and there was room again.
    await project.exec('disk', 'sh', '-c', 'cat /dev/zero >> /state/rest || true');
    return await counts('container_errors_total');
  });
  await project.crash('disk');

  const repair = await firstRepairFor('resource-exhausted');

  expect(repair).toMatchObject({ service: 'disk', strategy: 'restart', outcome: 'healed' });
  expect(await project.exec('disk', 'ls', '/state')).not.toContain('rest');
  await watchdog.until('it writes again', async () => (await project.exec('disk', 'cat', '/state/now')) === 'state');
});

test('a container that the kernel kills for its memory is restarted for that', async () => {
  await project.exec('memory', 'sh', '-c', 'echo kept > /note');
  await project.execLast('memory', 'patient', 'eat');

  const repair = await firstRepairFor('out-of-memory');

  expect(repair).toMatchObject({ service: 'memory', strategy: 'restart', outcome: 'healed' });
  expect(await project.exec('memory', 'patient', 'check')).not.toBe('');
  expect(await project.exec('memory', 'cat', '/note')).toBe('kept');
});

test('a container whose network was removed and made again is made again, attached to the new one', async () => {
  const repair = await firstRepairFor('network-error');

  expect(repair).toMatchObject({ service: 'network', strategy: 'recreate', outcome: 'healed' });
  const { Id, NetworkSettings } = await project.container('network');
  expect(Id).not.toBe(stranded);
  expect(NetworkSettings.Networks[`${project.name}_back`]?.IPAddress).not.toBe('');
});
