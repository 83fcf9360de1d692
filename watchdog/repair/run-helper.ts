import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import { type HelperCommand, helperCommandIn, LONGEST_TIMEOUT, RUN_HELPER } from '../domain/command.ts';
import { mask, maskWords } from '../domain/mask.ts';
import type { Order, Strategy, Work } from '../domain/repair.ts';
import { inWords } from '../domain/time.ts';
import { type AtRestNeeds, atRest, type Change } from './at-rest.ts';
import { BACKUP_TAKES } from './backup-volume.ts';
import { cutShort } from './cut-short.ts';
import { OURS } from './file-in-question.ts';
import { isThere, must, type Run } from './helper-run.ts';
import { isOfSystem, type Place, placeOf } from './mount-in-question.ts';
import { moveAll } from './move-all.ts';

export interface RunHelperNeeds extends AtRestNeeds {
  readonly docker: AtRestNeeds['docker'] & Pick<Docker, 'unpack'>;
  readonly clock: Pick<Clock, 'after'>;
}

/** Characters of what the command wrote that are kept: the last ones say how it ended. */
const KEPT = 4_096;

/**
 * Runs the command that the playbook names beside the stopped container: in a helper with its image and one of its mounts, without a
 * shell and without network. What such a command does nobody knows, so the way back is the backup that was taken before it.
 */
export const runHelper = (needs: RunHelperNeeds): Strategy => ({
  name: RUN_HELPER,
  danger: 'data',
  summary:
    'stops the container, takes a backup of one of its mounts, runs a command of the playbook on it in a helper, and starts the container',
  takes: 2 * BACKUP_TAKES + LONGEST_TIMEOUT,
  ...atRest<Found>(needs, {
    look: ({ order, target, signal }) => lookFirst(needs.docker, order, target, signal),
    lookAgain: async (_run, { mount, command: { argv, user = 'root', timeout } }) => ({
      command: maskWords(argv).join(' '),
      user,
      mount: `${mount.target} of ${mount.source}`,
      timeout: inWords(timeout),
    }),
    change: (_run, change, work) => runOn(needs, change, work),
    putBack: (run, change, signal) => asBefore(needs, run, change, signal),
    done: 'the command has run to its end',
  }),
});

interface Found extends Place {
  readonly command: HelperCommand;
}

async function lookFirst(
  docker: Pick<Docker, 'howMade'>,
  order: Order,
  target: Work['target'],
  signal: AbortSignal,
): Promise<Found> {
  const command = commandOf(order);
  const place = await placeOf(docker, order, target, signal);
  const { type, source } = place.mount;
  if (type === 'bind' && isOfSystem(source))
    throw new Error(`${source} is a folder of the host's system: what is in it is left to people`);
  return { ...place, command };
}

function commandOf({ with: told }: Pick<Order, 'with'>): HelperCommand {
  const command = helperCommandIn(told);
  if ('argv' in command) return command;
  const { name, found, expected } = command;
  throw new Error(`${RUN_HELPER}: found ${found} for ${name}, expected ${expected}. Correct the playbook.`);
}

async function runOn({ docker, clock }: RunHelperNeeds, change: Change, work: Work): Promise<void> {
  const { order, signal, journal } = work;
  const { name, patient, target } = change;
  const { argv, timeout, user } = commandOf(order);
  const program = argv[0] ?? '';
  const run = (abort: AbortSignal) => docker.help({ name, patient, target, writable: true, argv, user }, abort);
  const late = `${program} on ${target} has not ended within ${inWords(timeout)}, and was ended`;
  const { exitCode, said } = await cutShort(run, timeout, late, clock, signal);
  const output = mask(said).slice(-KEPT);
  journal('said', { exitCode, output });
  if (exitCode !== 0)
    throw new Error(`${program} on ${target} ended with ${exitCode}${output && `: ${output.trim().slice(-200)}`}`);
}

/**
 * All that is on the mount now is moved aside, and the backup unpacked. The name of the folder says how far that came: of what was put
 * back and written to since nothing must be moved a second time.
 */
async function asBefore(
  { docker, backups }: RunHelperNeeds,
  run: Run,
  { patient, target, backup: id }: Change,
  signal: AbortSignal,
): Promise<string> {
  const aside = `${target.replace(/\/$/, '')}/${OURS}after-helper-${id}`;
  if (!(await isThere(run, aside))) {
    const backup = await backups.sound(id).catch(() => undefined);
    // The service must not stand still for it.
    if (backup === undefined) return `what the command did stays: backup ${id}, which had the old content, is gone`;
    if (!(await isThere(run, `${aside}.moved`))) {
      await must(run('mkdir', '-p', '-m', '0700', `${aside}.part`), 'making a folder for what the command has left');
      await moveAll(run, target, `${aside}.part`, [`${OURS}*`]);
      await must(run('mv', `${aside}.part`, `${aside}.moved`), 'naming the folder of what the command has left');
    }
    await docker.unpack(patient, target, backups.read(backup), signal);
    await must(run('mv', `${aside}.moved`, aside), 'naming the folder of what the command has left');
  }
  return `what was on ${target} before is in its place again, and what the command has left lies in ${aside}`;
}
