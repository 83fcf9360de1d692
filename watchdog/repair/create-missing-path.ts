import type { Docker } from '../adapters/docker/docker.ts';
import type { JournalStep, Strategy, Work } from '../domain/repair.ts';
import type { AtRestNeeds } from './at-rest.ts';
import { BACKUP_TAKES } from './backup-volume.ts';
import { type Binds, bindsOf, foreseeBinds, leaveBinds, makeBinds, recoverBinds } from './missing-bind.ts';
import { missingFolder } from './missing-folder.ts';

export interface MissingPathNeeds extends AtRestNeeds {
  readonly docker: AtRestNeeds['docker'] & Pick<Docker, 'isOnHost'>;
}

/**
 * Makes a folder that is missing: one of the host that the container is to have mounted, without which it cannot be started; else one
 * on a mount of its own that its log names. Which it is, is found by looking. Only for folders on its own mounts is `data` danger
 * enough: for one of the host the rung has to say `host`.
 */
export const createMissingPath = (needs: MissingPathNeeds): Strategy => {
  const { docker } = needs;
  const onMount = missingFolder(needs);
  return {
    name: 'create-missing-path',
    danger: 'data',
    summary:
      'makes a folder that is missing, on the host for a mount or on a mount of the container, and starts the container',
    takes: BACKUP_TAKES,
    foresee: async work => {
      const binds = await bindsOf(docker, work);
      return areMeant(binds) ? await foreseeBinds(docker, work, binds) : String(await onMount.foresee?.(work));
    },
    apply: async (work: Work) => {
      const binds = await bindsOf(docker, work);
      return areMeant(binds) ? await makeBinds(docker, work, binds) : await onMount.apply(work);
    },
    undo: async (steps, signal) =>
      isOnMount(steps) ? await onMount.undo?.(steps, signal) : await leaveBinds(docker, steps, signal),
    recover: async (steps, signal, journal) =>
      isOnMount(steps)
        ? String(await onMount.recover?.(steps, signal, journal))
        : await recoverBinds(docker, steps, signal),
  };
};

const areMeant = ({ missing, backAgain }: Binds): boolean => missing.length > 0 || backAgain !== undefined;

/** The other way never stops a container. */
const isOnMount = (steps: readonly JournalStep[]): boolean => steps.some(({ step }) => step === 'stop');
