import { createHash } from 'node:crypto';
import type { Helped, Helper } from '../../watchdog/adapters/docker/docker.ts';

/** What helpers find and do in a folder of the host: plain files, with the few programs that a change of an environment file takes. */
export class FakeHostFolder {
  /** By their path as helpers see it. */
  readonly files = new Map<string, string>();
  readonly folders: Set<string>;
  /** `symbolic link` at a path. */
  readonly odd = new Map<string, string>();
  links = 1;
  /** What helpers had mounted, and whether they could write to it. */
  readonly mounts = new Set<string>();

  constructor(...folders: readonly string[]) {
    this.folders = new Set(folders);
  }

  readonly help = async ({ argv, source, target, writable }: Helper): Promise<Helped> => {
    this.mounts.add(`${source}:${target}:${writable ? 'rw' : 'ro'}`);
    const [program = '', ...words] = argv;
    const said = this.#programs[program]?.(words);
    return said === undefined ? { exitCode: 1, said: `${program}: no such file` } : { exitCode: 0, said };
  };

  readonly #programs: Readonly<Record<string, (words: readonly string[]) => string | undefined>> = {
    stat: ([, format, ...paths]) =>
      format === '%h %s'
        ? `${this.links} ${Buffer.byteLength(this.files.get(paths[0] ?? '') ?? '')}\n`
        : paths.flatMap(path => (this.#kindOf(path) ? `0:0 ${this.#kindOf(path)} ${path}\n` : [])).join(''),
    base64: ([path = '']) => `${Buffer.from(this.files.get(path) ?? '').toString('base64')}\n`,
    mkdir: ([, , path = '']) => (this.folders.has(path) ? undefined : this.#done(this.folders.add(path))),
    cp: ([, from = '', to = '']) => this.#done(this.files.set(to, this.files.get(from) ?? '')),
    sh: ([, , , text = '', to = '']) => this.#done(this.files.set(to, text)),
    sha256sum: paths =>
      paths
        .filter(path => this.files.has(path))
        .map(
          path =>
            `${createHash('sha256')
              .update(this.files.get(path) ?? '')
              .digest('hex')}  ${path}\n`,
        )
        .join(''),
    mv: ([, from = '', to = '']) => {
      const moved = this.files.get(from);
      if (moved === undefined) return undefined;
      this.files.delete(from);
      return this.#done(this.files.set(to, moved));
    },
    rm: ([, ...paths]) => this.#done(paths.map(path => this.files.delete(path))),
    rmdir: ([path = '']) => this.#done(this.folders.delete(path)),
  };

  #kindOf(path: string): string | undefined {
    if (this.folders.has(path)) return 'directory';
    return this.odd.get(path) ?? (this.files.has(path) ? 'regular file' : undefined);
  }

  #done(_: unknown): string {
    return '';
  }
}
