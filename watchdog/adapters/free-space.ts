import { stat, statfs } from 'node:fs/promises';

export interface Space {
  /** Tells file systems apart. */
  readonly device: number;
  /** What an unprivileged process may still fill, as a share of the whole, 0 to 1. */
  readonly free: number;
  readonly freeBytes: number;
}

/** How much is free on the file system that holds this path. Rejects when the path is not there. */
export type FreeSpace = (path: string) => Promise<Space>;

/** Available over size, as node_exporter's metrics are put together: a reserve for root counts as used. */
export const freeSpace: FreeSpace = async path => {
  const [{ dev }, { bavail, blocks, bsize }] = await Promise.all([stat(path), statfs(path)]);
  return { device: dev, free: blocks > 0 ? bavail / blocks : 1, freeBytes: bavail * bsize };
};
