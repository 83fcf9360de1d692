import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** What is in it; a name that ends in a slash is a folder, one with `link` a symbolic link. Without more, `0:0 644`. */
export interface TarFile {
  readonly name: string;
  readonly owner?: string;
  readonly mode?: string;
  readonly content?: string;
  readonly link?: string;
}

/** A tar that the machine's own `tar` has made, in one of its formats. */
export function aTar(files: readonly TarFile[], format: 'pax' | 'gnu' | 'ustar' = 'pax'): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'cw-tar-'));
  const tar = join(folder, 'all.tar');
  try {
    for (const [index, { name, owner = '0:0', mode = '644', content = '', link }] of files.entries()) {
      const here = join(folder, String(index));
      const path = join(here, name);
      mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
      if (link !== undefined) symlinkSync(link, path);
      else if (!name.endsWith('/')) writeFileSync(path, content);
      const [uid, gid] = owner.split(':');
      const said = [`--owner=:${uid}`, `--group=:${gid}`, `--mode=${mode}`, `--format=${format}`, '--no-recursion'];
      execFileSync('tar', ['--append', '-f', tar, '-C', here, ...said, name]);
    }
    return execFileSync('cat', [tar], { maxBuffer: 2 ** 26 });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
