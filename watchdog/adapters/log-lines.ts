import { mask } from '../domain/mask.ts';
import { STEERING, spelled } from '../domain/steering.ts';
import type { LogValues } from './logger.ts';

/** One thing that is logged. */
export interface LogEntry {
  /** RFC 3339, UTC. */
  readonly time: string;
  readonly level: string;
  readonly message: string;
  readonly values: LogValues;
}

/** One line of the log file: JSON, secrets masked. */
export const jsonLine = ({ time, level, message, values }: LogEntry): string =>
  neutral(JSON.stringify({ time, level, message: mask(message), ...masked(values) }));

/** One line for people: `2026-01-31T12:00:00.000Z warn  repair failed service=shop/web because="no such image"`. */
export const textLine = ({ time, level, message, values }: LogEntry): string => {
  const pairs = Object.entries(masked(values)).map(([name, value]) => `${name}=${inText(value)}`);
  return neutral([time, level.padEnd(5), mask(message), ...pairs].join(' '));
};

function masked(values: LogValues): LogValues {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, maskedValue(name, value)]));
}

/** The pair of name and value is what tells a secret: `token: abc` is none without its name. */
function maskedValue(name: string, value: LogValues[string]): LogValues[string] {
  if (Array.isArray(value)) return value.map(each => (typeof each === 'string' ? mask(each) : each));
  if (typeof value !== 'string') return value;
  const prefix = `${name}=`;
  const pair = mask(prefix + value);
  return pair.startsWith(prefix) && !/\s/.test(value) ? pair.slice(prefix.length) : mask(value);
}

function inText(value: LogValues[string]): string {
  const text = Array.isArray(value) ? value.join(',') : String(value);
  return /^[^\s"=]+$/.test(text) ? text : JSON.stringify(text);
}

/** Containers choose their names and what their health checks print: a line must not rewrite the screen, forge another, or read differently from what it says. */
const neutral = (line: string): string => line.replace(STEERING, spelled);
