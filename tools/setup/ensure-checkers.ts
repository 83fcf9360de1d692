import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tryCommand } from './command.ts';
import { unpackFromSuite } from './debian.ts';
import { cacheFolder } from './places.ts';
import { runTool, step } from './progress.ts';

/** Paths of the programs by which Prometheus and Alertmanager check what is written for them. */
export interface Checkers {
  readonly promtool: string;
  readonly amtool: string;
}

/** Older ones do not know `scrape_config_files` (Prometheus 2.43) and `routing_key_file` (Alertmanager 0.26). */
const PROGRAMS = {
  promtool: { debian: 'promtool', atLeast: [2, 53] },
  amtool: { debian: 'prometheus-alertmanager', atLeast: [0, 28] },
} as const;

type Program = keyof typeof PROGRAMS;

/**
 * Makes sure of promtool and amtool, without an engine or an image: those of Debian 13, unpacked into `.cache/checkers` and not
 * installed; where these are not to be had, those on the path. Throws, saying what to install, where neither is there.
 */
export async function ensureCheckers(): Promise<Checkers> {
  return { promtool: await ensureChecker('promtool'), amtool: await ensureChecker('amtool') };
}

async function ensureChecker(program: Program): Promise<string> {
  const kept = join(cacheFolder, 'checkers', program);
  if (await isNewEnough(kept, program)) return kept;
  try {
    await step(`fetching ${program} from Debian 13`, () => unpackInto(kept, program));
    return kept;
  } catch (error) {
    if (await isNewEnough(program, program)) return program;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${program} ${PROGRAMS[program].atLeast.join('.')} or later is not on the path, and Debian's could not be fetched. ` +
        `Install it (it comes with ${program === 'amtool' ? 'Alertmanager' : 'Prometheus'}) and try again.\n${why}`,
    );
  }
}

async function unpackInto(kept: string, program: Program): Promise<void> {
  await mkdir(dirname(kept), { recursive: true });
  const scratch = await mkdtemp(join(dirname(kept), 'unpack-'));
  try {
    await unpackFromSuite('trixie', PROGRAMS[program].debian, scratch);
    await rename(join(scratch, 'usr', 'bin', program), kept);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function isNewEnough(path: string, program: Program): Promise<boolean> {
  const { stdout, stderr } = await tryCommand([path, '--version']);
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(stdout + stderr) ?? [];
  const [wantedMajor, wantedMinor] = PROGRAMS[program].atLeast;
  return Number(major) > wantedMajor || (Number(major) === wantedMajor && Number(minor) >= wantedMinor);
}

if (import.meta.main) {
  await runTool(async () => {
    console.log(Object.values(await ensureCheckers()).join('\n'));
    return 0;
  });
}
