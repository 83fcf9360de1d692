/** What a PostgreSQL server has written into its `postmaster.pid`. */
export interface LockFile {
  /** Undefined where the file is empty: it was cut short when it was made. */
  readonly pid: number | undefined;
  /** As the server saw it. */
  readonly dataFolder: string | undefined;
}

/**
 * Reads a `postmaster.pid`: the process, negative where it is a single-user backend, then the data directory, start, port, ...
 * (PostgreSQL, `src/include/utils/pidfile.h`; `CreateLockFile` in `src/backend/utils/init/miscinit.c`).
 */
export function lockFileIn(text: string): LockFile {
  const [pid = '', dataFolder = ''] = text.split('\n').map(line => line.trim());
  return {
    pid: /^-?[1-9]\d{0,9}$/.test(pid) ? Math.abs(Number(pid)) : undefined,
    dataFolder: dataFolder === '' ? undefined : dataFolder,
  };
}
