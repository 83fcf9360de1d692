import type { Strategy } from '../domain/repair.ts';
import { type AtRestNeeds, atRest, type Change } from './at-rest.ts';
import { BACKUP_TAKES } from './backup-volume.ts';
import { filesNamed, OURS, theOnly } from './file-in-question.ts';
import type { Run } from './helper-run.ts';
import type { Place } from './mount-in-question.ts';
import { fileAside, fileBack } from './move-all.ts';

/**
 * Moves a snapshot that Redis cannot load into a folder beside it, so that it starts without: empty, or from its append-only file.
 * Only where redis-check-rdb finds it damaged, or of a version that this Redis cannot read.
 */
export const setAsideRdb = (needs: AtRestNeeds): Strategy => ({
  name: 'set-aside-rdb',
  danger: 'data',
  summary:
    'stops Redis, moves the snapshot that it cannot load aside, and starts it without what was in it; nothing is deleted',
  takes: 2 * BACKUP_TAKES,
  ...atRest<Place>(needs, {
    look: async work => {
      const files = await filesNamed(needs.docker, work, ['*.rdb']);
      // The base of an append-only file is one of a set, and none of them can do without it.
      const snapshots = files.filter(({ path }) => !path.endsWith('.base.rdb'));
      return theOnly(snapshots, 'the snapshot', work.target.name);
    },
    lookAgain: async (run, { path }) => ({ file: path, says: await faultOf(run, path) }),
    change: async (run, change) => await fileAside(run, String(change.file), asideOf(change)),
    putBack,
    done: 'the snapshot is set aside',
  }),
});

/** @returns what redis-check-rdb finds wrong. @throws Error where that is nothing, or it is not the file's fault */
async function faultOf(run: Run, file: string): Promise<string> {
  const { exitCode, said } = await run('redis-check-rdb', file);
  if (exitCode === 0) throw new Error(`redis-check-rdb finds nothing wrong with ${file}`);
  const [, fault] = /RDB ERROR DETECTED ---\n(?:\[offset \d{1,20}\] )?([^\n]{1,200})/.exec(said) ?? [];
  if (fault !== undefined) return fault;
  throw new Error(`whether ${file} is damaged cannot be told: redis-check-rdb says ${said.trim().slice(-200)}`);
}

const folderOf = ({ target, backup }: Change): string => `${target}/${OURS}rdb-${backup}`;
const asideOf = (change: Change): string => `${folderOf(change)}/${String(change.file).split('/').at(-1)}`;

async function putBack(run: Run, change: Change): Promise<string> {
  await fileBack(run, String(change.file), asideOf(change));
  return `${change.file} is where it was`;
}
