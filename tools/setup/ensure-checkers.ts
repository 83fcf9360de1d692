import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
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
 * Makes sure of promtool and amtool, without an engine or an image: those on the path where they are new enough, else those of
 * Debian 13, unpacked into `.cache/checkers` and not installed. Throws, saying what to install, where neither is to be had.
 */
export async function ensureCheckers(): Promise<Checkers> {
  return { promtool: await ensureChecker('promtool'), amtool: await ensureChecker('amtool') };
}

async function ensureChecker(program: Program): Promise<string> {
  const folder = join(cacheFolder, 'checkers');
  const kept = join(folder, program);
  for (const candidate of [kept, program]) if (await isNewEnough(candidate, program)) return candidate;
  await mkdir(folder, { recursive: true });
  const scratch = await mkdtemp(join(folder, 'unpack-'));
  const { debian, atLeast } = PROGRAMS[program];
  try {
    await step(`fetching ${program} from Debian 13`, () => unpackFromSuite('trixie', debian, scratch));
    await rename(join(scratch, 'usr', 'bin', program), kept);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${program} ${atLeast.join('.')} or later is not on the path, and Debian's could not be fetched. Install it (it comes ` +
        `with ${program === 'amtool' ? 'Alertmanager' : 'Prometheus'}) and try again.\n${why}`,
    );
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return kept;
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
