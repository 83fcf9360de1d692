import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { undoAtSignal } from './undo.ts';

const run = promisify(execFile);

/** Built by `npm test`, or `node tools/bootstrap.mjs tools/setup/ensure-images.ts` (tests/images/README.md). */
export const PATIENT = 'compose-watchdog-test/patient:latest';

/**
 * Brings a Compose project up, and takes it down again when that or what is awaited after it fails, or the bench is broken off.
 * @param content the Compose file as an object
 * @param ready resolves when the project is as it should be
 * @returns takes it down
 */
export async function composeProject(
  project: string,
  content: object,
  folder: string,
  ready: () => Promise<void> = async () => undefined,
): Promise<() => Promise<void>> {
  const file = join(folder, `${project}.json`);
  writeFileSync(file, JSON.stringify(content));
  const compose = (...args: string[]) =>
    run('docker', ['compose', '--progress', 'quiet', '-p', project, '-f', file, ...args], {
      // All at once they would start so slowly that the first probes time out.
      env: { ...process.env, COMPOSE_PARALLEL_LIMIT: '4' },
    });
  const coming = compose('up', '-d');
  const down = async () => {
    // What is still being made could not be removed.
    await coming.catch(() => undefined);
    await compose('down', '--timeout', '0', '--volumes');
  };
  undoAtSignal(down);
  try {
    await coming;
    await ready();
  } catch (error) {
    await down();
    throw error;
  }
  return down;
}
