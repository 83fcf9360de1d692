const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `0 B`, `1.2 GB`: powers of 1000, as the engine's own tools write sizes. */
export function bytesInWords(bytes: number): string {
  const exponent = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const value = bytes / 1_000 ** exponent;
  return `${exponent === 0 ? Math.round(value) : Math.round(value * 10) / 10} ${UNITS[exponent]}`;
}
