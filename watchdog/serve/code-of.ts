/** `ENOENT`, `EADDRINUSE`, ...: the code that Node gives its system errors; `unknown` for everything else. */
export const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
