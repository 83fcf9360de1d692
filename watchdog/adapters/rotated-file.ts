import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

export interface RotatedFileOptions {
  readonly file: string;
  /** A file that would grow beyond this is rotated first. */
  readonly maxBytes: number;
  /** The present one included: `log`, `log.1`, ... */
  readonly keep: number;
  /** Told once when writing begins to fail, with the reason, and once when it works again, with undefined. */
  readonly onTrouble: (because: string | undefined) => void;
}

/**
 * Appends lines to a file and rotates it. Writes at once, so that a line is on disk whatever happens to the process next.
 * Never throws: while the file cannot be written its lines are lost, and each new one tries again.
 */
export class RotatedFile {
  readonly #options: RotatedFileOptions;
  #descriptor: number | undefined;
  #size = 0;
  #failing = false;

  constructor(options: RotatedFileOptions) {
    this.#options = options;
  }

  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      this.#open();
      if (this.#size > 0 && this.#size + bytes.length > this.#options.maxBytes) this.#rotate();
      writeFileSync(this.#open(), bytes);
      this.#size += bytes.length;
      this.#tell(undefined);
    } catch (error) {
      this.close();
      this.#tell(Error.isError(error) ? error.message : String(error));
    }
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    try {
      closeSync(descriptor);
    } catch {
      // A disk that is full may say so only here; the lines are lost, and that was told already.
    }
  }

  #open(): number {
    if (this.#descriptor === undefined) {
      mkdirSync(dirname(this.#options.file), { recursive: true });
      this.#descriptor = openSync(this.#options.file, 'a', 0o640);
      this.#size = fstatSync(this.#descriptor).size;
    }
    return this.#descriptor;
  }

  #rotate(): void {
    const { file, keep } = this.#options;
    this.close();
    for (let age = keep - 1; age >= 1; age -= 1)
      renameIfThere(age === 1 ? file : `${file}.${age - 1}`, `${file}.${age}`);
  }

  #tell(because: string | undefined): void {
    const failing = because !== undefined;
    if (failing === this.#failing) return;
    this.#failing = failing;
    this.#options.onTrouble(because);
  }
}

function renameIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(Error.isError(error) && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
