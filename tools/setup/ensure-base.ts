import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command, tryCommand } from './command.ts';
import { imageId, isBuiltByUs } from './images.ts';
import { cacheFolder } from './places.ts';
import { step } from './progress.ts';

const pullLimit = 120_000;
const rememberNo = 3_600_000;

/** `image` is the official one under a name of ours where a registry answers, and the stand-in where none does. */
export async function ensureBase(image: string, official: string, standIn: () => Promise<void>): Promise<void> {
  const there = await imageId(image);
  if (there && there === (await imageId(official))) return;
  // Where a stand-in does its work no registry is asked again; an official one of another version makes way for the new.
  if (!(there && (await isBuiltByUs(image))) && (await pulled(official))) {
    await command(['docker', 'tag', official, image]);
    return;
  }
  await standIn();
}

/** True when the image is here or could be pulled. After one failure it is not tried again for an hour. */
export async function pulled(official: string): Promise<boolean> {
  if (await imageId(official)) return true;
  const marker = join(cacheFolder, 'no-registry');
  const saidNo = await stat(marker).catch(() => undefined);
  if (saidNo && Date.now() - saidNo.mtimeMs < rememberNo) return false;
  return step(`asking the image registry for ${official}`, async () => {
    const { code, stderr } = await tryCommand(['docker', 'pull', '--quiet', official], { timeout: pullLimit });
    if (code === 0) return true;
    console.log(`  no image registry within reach (${stderr.trim().slice(0, 120)}…): going on without`);
    await mkdir(cacheFolder, { recursive: true });
    await writeFile(marker, stderr);
    return false;
  });
}
