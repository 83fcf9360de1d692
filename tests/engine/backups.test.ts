import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { minutes } from '../../watchdog/domain/time.ts';
import { patientImage } from '../images/names.ts';
import { aProject, aWatchdog, type Project, type Watched } from './harness.ts';

// The volume of a service, kept as a tar and put back, on a real engine: byte for byte, owner for owner.

const YAML = `
services:
  db:
    image: ${patientImage}
    environment: { PATIENT_DIR: /data, PATIENT_STAYS_SICK: "1" }
    healthcheck: { test: ["CMD", "patient", "check"], interval: 500ms, timeout: 30s, retries: 3 }
    volumes: [data:/data]
  reader:
    image: ${patientImage}
    profiles: [reader]
    volumes: [data:/data:ro]
volumes: { data: {} }
`;

/** What is hard to keep: links of both sorts, other owners, modes, times, names, holes, and bytes that are no text. */
const FILL = `mkdir -p "/data/files/deep/er" /data/files/empty && cd /data/files &&
head -c 300000 /dev/urandom > random && printf 'a\\0b\\377' > bytes && : > "na me
of two lines" && ln random hard && ln -s ../nowhere soft && printf x > deep/er/x &&
dd if=/dev/zero of=holes bs=1 count=1 seek=5000000 2>/dev/null && chown 999:998 bytes deep && chmod 4750 bytes && chmod 640 random &&
chmod 1777 empty && touch -d '2001-02-03 04:05:06' deep/er/x`;
/** Everything that can be told of what is there, and the content of every file. */
const LISTING = `cd /data/files && find . -exec stat -c '%n %F %a %u %g %h %Y' {} ';' | grep -v '^. ' | sort &&
find . -type f -exec sha256sum {} ';' | sort && readlink soft`;

let project: Project;
let watched: Watched;

beforeAll(async () => {
  project = aProject(YAML);
  await project.compose('up', '-d');
  watched = await aWatchdog({
    projects: [project.name],
    // Nothing else shall lend a hand.
    playbooks: { 'unhealthy.yml': 'name: unhealthy\ncondition: unhealthy\nwhy: A test.\nladder: []\n' },
  });
  await healthy();
  await project.exec('db', 'sh', '-c', FILL);
});
afterAll(async () => {
  await watched?.stop();
  await project.tearDown();
});

const listing = () => project.exec('db', 'sh', '-c', LISTING);
const names = async () => (await project.exec('db', 'ls', '-A', '/data')).split('\n').sort();
const healthy = () =>
  project.until('db is healthy', async () => (await project.container('db')).State.Health?.Status === 'healthy');
const helpers = () => project.docker('ps', '-aq', '--filter', `name=${project.name}.*watchdog-helper`);

/** Asks for it, and waits for its end. @returns the outcome and why */
async function asked(strategy: string, told: Record<string, string> = {}): Promise<string> {
  const before = watched.repairs('db').length;
  const wish = { strategy, with: told, approved: true };
  const answer = await watched.watchdog.ask({ project: project.name, service: 'db' }, wish, minutes(5));
  if (answer.verdict === 'refused') return answer.because;
  const ended = () => {
    const newest = watched.repairs('db').at(0);
    return watched.repairs('db').length > before && newest?.endedAt !== undefined && newest;
  };
  // A restore is eight containers one after the other.
  const repair = await watched.until(`${strategy} has ended`, ended, minutes(5));
  return `${repair.outcome}: ${repair.because}`;
}

const backups = () => watched.backups.list();

describe('a backup', () => {
  let before: string;

  test('is taken while the service runs, and says so', async () => {
    before = await listing();

    expect(await asked('backup-volume')).toMatch(/^healed: /);

    expect(await backups()).toEqual([
      expect.objectContaining({
        container: `${project.name}-db-1`,
        source: `${project.name}_data`,
        target: '/data',
        whileRunning: true,
      }),
    ]);
  });

  test('is put back byte for byte, and what was there before is kept, twice', async () => {
    const [backup] = await backups();
    await project.exec('db', 'sh', '-c', 'rm -rf /data/files/deep /data/files/random; echo worse > /data/files/bytes');

    expect(await asked('restore-backup', { backup: backup?.id ?? '' })).toMatch(/^healed: /);

    expect(await listing()).toBe(before);
    const [aside = ''] = (await names()).filter(name => name.startsWith('.watchdog-before-restore-'));
    expect(await project.exec('db', 'cat', `/data/${aside}/files/bytes`)).toBe('worse');
    expect(await backups()).toHaveLength(2);
    expect(await helpers()).toBe('');
  });

  test('that does not make it well is taken back out, and the old content stands there again', async () => {
    await project.exec('db', 'patient', 'sick');
    // Whether the health check has noticed by then is no matter: the backup has it.
    await asked('backup-volume');
    const [sick] = await backups();
    await project.exec('db', 'patient', 'well');
    await healthy();
    await project.exec('db', 'sh', '-c', 'echo better > /data/files/bytes');
    const better = await listing();

    expect(await asked('restore-backup', { backup: sick?.id ?? '' })).toMatch(
      /^not-healed: .*what was in the volume before is in its place again; the container is started again$/,
    );

    await healthy();
    expect(await listing()).toBe(better);
    expect((await names()).filter(name => name.startsWith('.watchdog-failed-restore-'))).toHaveLength(1);
    expect(await helpers()).toBe('');
  });

  test('is not put back while another container uses the volume', async () => {
    const [backup] = await backups();
    await project.compose('--profile', 'reader', 'up', '-d', 'reader');
    const better = await listing();

    expect(await asked('restore-backup', { backup: backup?.id ?? '' })).toMatch(
      /^failed: the volume .*_data is in use by .*-reader-1; stop them first; the container is started again$/,
    );

    expect(await listing()).toBe(better);
  });

  test('is not put back without a yes', async () => {
    const [backup] = await backups();
    const wish = { strategy: 'restore-backup', with: { backup: backup?.id ?? '' } };

    const answer = await watched.watchdog.ask({ project: project.name, service: 'db' }, wish, minutes(5));

    expect(answer).toMatchObject({ verdict: 'refused', because: expect.stringContaining('--approve') });
  });
});
