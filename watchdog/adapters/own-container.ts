import { readFileSync } from 'node:fs';

/**
 * The id of the container this process runs in, or undefined on a host. The engine mounts `/etc/hostname` and its like from the
 * container's own folder, so the mount table tells the id under cgroup v1 and v2 alike, whatever the hostname was set to.
 */
export function ownContainerId(mountInfo = readMountInfo()): string | undefined {
  return /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf)\s/.exec(mountInfo)?.[1];
}

function readMountInfo(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return '';
  }
}
