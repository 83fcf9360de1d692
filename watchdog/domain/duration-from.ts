import type { Duration } from './time.ts';

const UNITS: Readonly<Record<string, Duration>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `30s`, `5m`, `1h`, `2d`, `250ms`, `1h30m` or bare seconds, as INTERFACE has it. Undefined when it is none of these. */
export function durationFrom(text: string): Duration | undefined {
  const word = text.trim().toLowerCase();
  if (/^\d+(\.\d+)?$/.test(word)) return Math.round(Number(word) * 1_000);
  if (!/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(word)) return undefined;
  const parts = word.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy);
  return Math.round([...parts].reduce((sum, [, n, unit]) => sum + Number(n) * (UNITS[unit ?? ''] ?? 0), 0));
}
