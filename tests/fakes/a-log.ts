import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ago } from './a-service.ts';

/** A file of 4 KiB that was last written so long before noon (`8d`). */
export function aLog(path: string, written: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, Buffer.alloc(4_096));
  utimesSync(path, ago(written) / 1_000, ago(written) / 1_000);
  return path;
}
