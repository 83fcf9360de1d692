import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { minutes } from '../../watchdog/domain/time.ts';
import { busyboxImage, patientImage } from '../images/names.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

// A command beside the container: each service has one of its own in its volume, and is ill until /files/sick is gone.

const COMMANDS = {
  mended:
    'rm /files/sick && id -u > /files/data/who && ! touch /elsewhere && [ "$(ls /sys/class/net)" = lo ] && [ -z "$PATIENT_DIR" ]',
  failing: 'rm -r /files/sick /files/data/deep && echo worse > /files/data/bytes && exit 3',
  slow: 'rm /files/sick; echo worse > /files/data/bytes; sleep 1000',
  vain: 'echo worse > /files/data/bytes',
};
type Ill = keyof typeof COMMANDS;
const ILL = Object.keys(COMMANDS) as Ill[];

const ill = (service: string) =>
  `${service}: { image: ${patientImage}, environment: { PATIENT_DIR: /files, PATIENT_STAYS_SICK: "1" }, volumes: ["${service}:/files"], stop_grace_period: 1s, healthcheck: { test: [CMD, patient, check], interval: 500ms, timeout: 30s, retries: 3 } }`;
const YAML = `
services:
  ${ILL.map(ill).join('\n  ')}
  job:
    image: ${busyboxImage}
    command: ["sh", "-c", "chmod 777 /files; [ -e /files/who ] && exec sleep 100000; exit 1"]
    stop_grace_period: 0s
    volumes: ["job:/files"]
volumes: { ${[...ILL, 'job'].map(name => `${name}: {}`).join(', ')} }
`;
const playbook = (condition: string, told: string) =>
  `name: ${condition}\ncondition: ${condition}\nwhy: A test.\nladder: [{ strategy: run-helper, with: ${told} }]\n`;

/** Links of both sorts, owners, modes, times, and bytes that are no text. */
const FILL = `mkdir -p /files/data/deep && cd /files/data && head -c 300000 /dev/urandom > random && printf 'a\\0b\\377' > bytes &&
ln random hard && ln -s ../nowhere soft && printf x > deep/x && chown 999:998 bytes deep && chmod 640 random && touch -d '2001-02-03 04:05:06' deep/x`;
const LISTING = `cd /files/data && find . -exec stat -c '%n %F %a %u %g %h %Y' {} ';' | grep -v '^. ' | sort &&
find . -type f -exec sha256sum {} ';' | sort && readlink soft`;

let project: Project;
let watched: Watched;
const before = new Map<Ill, string>();

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('up', '-d');
  for (const service of ILL) {
    await healthy(service);
    await project.exec(service, 'sh', '-c', FILL);
    await project.exec(service, 'sh', '-c', `cat > /files/mend <<'END'\n${COMMANDS[service]}\nEND`);
    before.set(service, await listing(service));
    await project.exec(service, 'patient', 'sick');
  }
  watched = await aWatchdog({
    projects: [project.name],
    env: { MAX_RESTART_ATTEMPTS: '1' },
    config: `approvals: { allow: { run-helper: [${[...ILL, 'job'].join(', ')}] } }\n`,
    playbooks: {
      'unhealthy.yml': playbook('unhealthy', '{ argv: [sh, /files/mend], timeout: 20s }'),
      'exited.yml': playbook('exited', '{ argv: [sh, -c, "id -u > /files/who"], user: "999:998" }'),
    },
  });
});
afterAll(async () => {
  await watched?.stop();
  await project?.tearDown();
});

const listing = (service: string) => project.exec(service, 'sh', '-c', LISTING);
const healthy = (service: string) =>
  project.until(
    `${service} is healthy`,
    async () => (await project.container(service)).State.Health?.Status === 'healthy',
  );
/** The end of its first attempt. All are repaired side by side, on a machine that has other things to do. */
const ended = async (service: string) => {
  const { outcome, because } = await watched.until(
    `the first repair of ${service} has ended`,
    () => watched.repairs(service).findLast(({ endedAt }) => endedAt !== undefined),
    minutes(5),
  );
  return `${outcome}: ${because}`;
};
const leftBy = (service: string) => project.exec(service, 'sh', '-c', 'ls -d /files/.watchdog-after-helper-*');
const helpers = () => project.docker('ps', '-aq', '--filter', `name=${project.name}.*watchdog-helper`);

test('changes the files of the stopped service, and has the mount and nothing else: no network, no environment of the service', async () => {
  expect(await ended('mended')).toMatch(/^healed: /);

  await healthy('mended');
  expect(await project.exec('mended', 'cat', '/files/data/who')).toBe('0');
  await expect(leftBy('mended')).rejects.toThrow();
});

test('works as the user that the playbook names', async () => {
  expect(await ended('job')).toMatch(/^healed: /);

  expect(await project.exec('job', 'cat', '/files/who')).toBe('999');
});

test.each<[string, Ill, RegExp]>([
  [
    'fails half way',
    'failing',
    /^failed: sh on \/files ended with 3; what was on \/files before is in its place again/,
  ],
  [
    'takes too long',
    'slow',
    /^failed: sh on \/files has not ended within 20s, and was ended; what was on \/files before/,
  ],
  [
    'did not help',
    'vain',
    /^not-healed: .*; what was on \/files before is in its place again, and what the command has/,
  ],
])('what it did is taken back byte for byte where it %s, and kept aside', async (_sentence, service, says) => {
  expect(await ended(service)).toMatch(says);

  expect(await listing(service)).toBe(before.get(service));
  expect(await project.exec(service, 'cat', `${await leftBy(service)}/data/bytes`)).toBe('worse');
  await project.exec(service, 'ls', '/files/sick');
});

test('leaves no helper behind', async () => {
  await Promise.all([...ILL, 'job'].map(ended));

  expect(await helpers()).toBe('');
});
