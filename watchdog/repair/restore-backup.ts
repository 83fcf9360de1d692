import type { Docker } from '../adapters/docker/docker.ts';
import type { Backup } from '../domain/backup.ts';
import type { JournalStep, Order, Strategy, Work } from '../domain/repair.ts';
import type { Replica } from '../domain/service.ts';
import { BACKUP_TAKES, type BackupNeeds } from './backup-volume.ts';
import { helperOf, isThere, must, type Run, running } from './helper-run.ts';
import { textIn } from './journal.ts';
import { moveAll } from './move-all.ts';
import { refuseOtherUsers } from './volume-users.ts';

type Engine = Pick<Docker, 'inspect' | 'stop' | 'start' | 'unpack' | 'usersOf' | 'help' | 'remove'>;

export interface RestoreNeeds extends BackupNeeds {
  readonly docker: Engine;
}

/** What was in the volume before. Nothing of it is deleted: people do that when they are sure. */
const ASIDE = '.watchdog-before-restore-';
/** What was unpacked, where it did not help. */
const FAILED = '.watchdog-failed-restore-';
const NOT_OURS = [`${ASIDE}*`, `${FAILED}*`];

/**
 * Puts a backup back in the place of what is in its volume now. The container is stopped; what is there is kept twice, in a backup of
 * its own and moved aside within the volume; then the tar is unpacked and the container started. Where it does not become well the
 * old content is put back.
 */
export const restoreBackup = ({ docker, backups }: RestoreNeeds): Strategy => ({
  name: 'restore-backup',
  danger: 'data',
  summary: 'stops the container, moves what is in its volume aside, unpacks the backup there and starts it again',
  takes: 3 * BACKUP_TAKES,
  apply: async work => {
    const { order, target, signal, journal } = work;
    const backup = await backups.sound(idIn(order));
    // Of several replicas only the one whose volume it is.
    if (backup.container !== target.name && order.targets.some(({ name }) => name === backup.container))
      return undefined;
    const [volume] = await backups.volumesOf(target, backup.target, signal);
    if (volume === undefined || !isOf(backup, target, volume.source))
      throw new Error(`backup ${backup.id} is of ${backup.source} of ${backup.container}, not of ${target.name}`);
    journal('stop', { containerId: target.id });
    await docker.stop(target.id, order.stopTimeout, signal);
    await refuseOtherUsers(docker, volume.source, target, signal);
    const before = await backups.take(target, volume, signal);
    journal('kept', { backup: before.id, sha256: before.sha256 });
    await setAside(docker, before, work);
    journal('unpack', {});
    await docker.unpack(target.id, backup.target, backups.read(backup), signal);
    journal('start', {});
    await docker.start(target.id, signal);
    return undefined;
  },
  undo: (steps, signal) => putBack(docker, steps, signal),
  // What was unpacked to its end stands; the next look decides whether the service is well with it.
  recover: async (steps, signal) => {
    const containerId = textIn(steps, 'stop', 'containerId');
    if (containerId === undefined) return 'nothing had been done yet';
    if (!steps.some(({ step }) => step === 'start'))
      return (await putBack(docker, steps, signal)) ?? 'the container is gone';
    await docker.start(containerId, signal);
    return 'the backup is in place, and the container is started';
  },
});

function idIn({ with: { backup } }: Order): string {
  if (typeof backup === 'string' && backup !== '') return backup;
  throw new Error('restore-backup has to be told which backup: watchdog backups list shows them');
}

const isOf = ({ project, service, container, source }: Backup, target: Replica, volume: string): boolean =>
  project === target.project && service === target.service && container === target.name && source === volume;

/** The journal knows all that is needed to go back, before anything is moved. */
async function setAside(docker: Engine, before: Backup, { target, journal, signal }: Work): Promise<void> {
  const path = before.target;
  const helper = helperOf(target.name);
  // Named after the backup of the same content: no two restores share one.
  const facts = { helper, path, aside: `${path}/${ASIDE}${before.id}`, failed: `${path}/${FAILED}${before.id}` };
  journal('aside', { ...facts, containerId: target.id });
  const run = runningOn(docker, { ...facts, containerId: target.id }, signal);
  if (await isThere(run, facts.aside))
    throw new Error(`${facts.aside} is there already; move it out of the volume first`);
  await must(run('mkdir', '-m', '0700', facts.aside), 'making a folder for what is there');
  await moveAll(run, path, facts.aside, NOT_OURS);
}

/** Once the backup stands there by half: what was unpacked goes aside, then what was there before comes back. */
async function putBack(
  docker: Engine,
  steps: readonly JournalStep[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const containerId = textIn(steps, 'stop', 'containerId');
  if (containerId === undefined) return undefined;
  const said = ['the container is started again'];
  const step = steps.find(each => each.step === 'aside');
  if (step !== undefined) {
    const facts = step.data as unknown as Facts;
    await docker.remove(facts.helper, signal);
    await docker.stop(containerId, undefined, signal);
    const run = runningOn(docker, facts, signal);
    // Its end is marked by its name, so that whoever goes back a second time does not take the old content for the new one.
    if (steps.some(each => each.step === 'unpack') && !(await isThere(run, facts.failed))) {
      await must(run('mkdir', '-p', '-m', '0700', `${facts.failed}.part`), 'making a folder for what was unpacked');
      await moveAll(run, facts.path, `${facts.failed}.part`, NOT_OURS);
      await must(run('mv', `${facts.failed}.part`, facts.failed), 'naming the folder of what was unpacked');
    }
    if (await isThere(run, facts.aside)) {
      await moveAll(run, facts.aside, facts.path, NOT_OURS);
      await must(run('rmdir', facts.aside), 'removing the empty folder');
    }
    said.unshift('what was in the volume before is in its place again');
  }
  await docker.start(containerId, signal);
  return said.join('; ');
}

interface Facts {
  readonly helper: string;
  readonly containerId: string;
  readonly path: string;
  readonly aside: string;
  readonly failed: string;
}

const runningOn = (docker: Engine, { helper, containerId, path }: Facts, signal: AbortSignal): Run =>
  running(docker, { name: helper, patient: containerId, target: path }, signal);
