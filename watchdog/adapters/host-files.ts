import { type FreeSpace, freeSpace } from './free-space.ts';
import { type HostMemory, hostMemory } from './host-memory.ts';
import { type RemoveOldLogs, removeOldLogs } from './old-logs.ts';

/** What is done with the files of the host, as far as they can be seen. */
export interface HostFiles {
  readonly freeSpace: FreeSpace;
  readonly removeOldLogs: RemoveOldLogs;
  readonly memory: HostMemory;
}

export const hostFiles: HostFiles = { freeSpace, removeOldLogs, memory: hostMemory };
