import type { Docker, Executed } from '../adapters/docker/docker.ts';
import type { Replica } from '../domain/service.ts';
import { must } from './helper-run.ts';

/** Numbers, as the container sees them. */
export interface ProcessUser {
  readonly uid: number;
  readonly gid: number;
}

type Engine = Pick<Docker, 'help' | 'exec'>;

/**
 * As whom the processes of the container work. Found by looking: the engine starts a helper as the user that it starts the container
 * as; where that is root, the processes that run now show whether they have become somebody else.
 * @param mount where the helper is put
 * @throws Error where nothing shows it, or it is root: root needs no owner
 */
export async function processUser(
  docker: Engine,
  target: Replica,
  { name, target: at }: { readonly name: string; readonly target: string },
  signal: AbortSignal,
): Promise<ProcessUser> {
  const user = await startedAs(docker, target, { name, target: at }, signal);
  return user.uid === 0 ? await whoHasLeftRoot(docker, target, signal) : user;
}

/** As whom the engine starts the container. Entry points that are started as root mostly become somebody else. */
export async function startedAs(
  docker: Pick<Docker, 'help'>,
  target: Replica,
  { name, target: at }: { readonly name: string; readonly target: string | undefined },
  signal: AbortSignal,
): Promise<ProcessUser> {
  const asPatient = { name, patient: target.id, target: at, writable: false, argv: ['id'], asPatient: true } as const;
  const said = await must(docker.help(asPatient, signal), `asking as whom ${target.name} is started`);
  const [uid, gid] = [/^uid=(\d+)/, / gid=(\d+)/].map(number => number.exec(said)?.[1]);
  if (uid === undefined || gid === undefined)
    throw new Error(`as whom ${target.name} is started cannot be told: id said ${said.trim().slice(0, 200)}`);
  return { uid: Number(uid), gid: Number(gid) };
}

/** A line for each process, `999:999`. Those that end meanwhile are left out. */
const OWNERS = ['find', '/proc', '-mindepth', '1', '-maxdepth', '1', '-name', '[0-9]*'];
const EACH = ['-exec', 'stat', '-c', '%u:%g', '{}', ';'];

async function whoHasLeftRoot(docker: Engine, target: Replica, signal: AbortSignal): Promise<ProcessUser> {
  const remedy = 'set the owner by hand, or `user` in the Compose file';
  if (target.state !== 'running')
    throw new Error(`${target.name} is started as root and does not run: nothing shows as whom it works. ${remedy}`);
  const { said }: Executed = await docker.exec(target.id, [...OWNERS, ...EACH], signal);
  if (!/^\d+:\d+$/m.test(said))
    throw new Error(`as whom ${target.name} works cannot be told: ${said.trim().slice(0, 200)}`);
  const users = new Set(said.match(/^[1-9]\d*:\d+$/gm));
  const [only, ...others] = users;
  if (only === undefined)
    throw new Error(`${target.name} works as root, which may read and write whatever its owner: ${remedy}`);
  if (others.length > 0)
    throw new Error(
      `${target.name} works as ${[...users].join(' and as ')}: whose the files are cannot be told. ${remedy}`,
    );
  const [uid, gid] = only.split(':').map(Number);
  return { uid: uid as number, gid: gid as number };
}
