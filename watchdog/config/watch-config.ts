import { statSync } from 'node:fs';
import type { Duration } from '../domain/time.ts';

/** Where SIGHUP arrives: the process. */
interface Signals {
  on(signal: 'SIGHUP', listener: () => void): unknown;
  off(signal: 'SIGHUP', listener: () => void): unknown;
}

/**
 * Calls back on SIGHUP, and when the file was written, replaced, made or removed since the last look. It looks every two
 * seconds instead of listening for events: editors replace files, Docker mounts single ones, shared folders of virtual
 * machines send no events; and a look is one `stat`. Keeps no process alive.
 *
 * @param file undefined: SIGHUP only
 * @returns ends the watching
 */
export function watchConfig(
  file: string | undefined,
  onChange: () => void,
  { every = 2_000, signals = process }: { every?: Duration; signals?: Signals } = {},
): () => void {
  let before = stampOf(file);
  const look = (): void => {
    const now = stampOf(file);
    if (now === before) return;
    before = now;
    onChange();
  };
  const onSignal = (): void => onChange();
  const timer = setInterval(look, every).unref();
  signals.on('SIGHUP', onSignal);
  return () => {
    signals.off('SIGHUP', onSignal);
    clearInterval(timer);
  };
}

/** Changes with the file's content, as far as the file system tells. */
function stampOf(file: string | undefined): string {
  if (file === undefined) return 'none';
  try {
    const { ino, mtimeMs, size } = statSync(file);
    return `${ino} ${mtimeMs} ${size}`;
  } catch {
    return 'none that can be read';
  }
}
