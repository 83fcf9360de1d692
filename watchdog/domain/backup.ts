import type { ServiceRef } from './service.ts';
import type { Instant } from './time.ts';

/** What a backup is of: one mount of one container. */
export interface BackupOf extends ServiceRef {
  readonly container: string;
  /** The volume's name, or the path on the host. */
  readonly source: string;
  /** Where the container has it. */
  readonly target: string;
  /** The container ran meanwhile: what it was writing then may be there by half. */
  readonly whileRunning: boolean;
}

/** A tar of everything under a mount, with owners, modes and times; read again and found to be what was written. */
export interface Backup extends BackupOf {
  readonly id: string;
  readonly at: Instant;
  readonly bytes: number;
  /** Of the tar, in hexadecimal digits. */
  readonly sha256: string;
}
