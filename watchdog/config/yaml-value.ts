import { z } from 'zod';
import type { Kind } from './kinds.ts';

/** One value of a kind, as YAML may write it: a string, a number, true or false, or a list where the kind takes one. */
export const scalar = <T>(kind: Kind<T>, meaning: string) => value(kind, meaning, []);

export type Optional<T> = z.ZodOptional<z.ZodType<T>>;

/** One that may be left out; the reader takes a key without a value for an absent one, so editors shall too. */
export const optional = <T>(kind: Kind<T>, meaning: string): Optional<T> =>
  value(kind, meaning, [{ type: 'null' }]).optional() as Optional<T>;

function value<T>(kind: Kind<T>, meaning: string, besides: readonly object[]) {
  const fromVariable = { type: 'string', pattern: '\\$' };
  return z
    .unknown()
    .meta({ description: meaning, anyOf: [kind.jsonSchema, fromVariable, ...besides] })
    .transform((given, context): T => {
      const written = textOf(given, kind.takesList === true);
      const found = written === undefined ? undefined : kind.read(written);
      if (found !== undefined) return found;
      context.addIssue({ code: 'custom', message: kind.expected });
      return z.NEVER;
    });
}

function textOf(given: unknown, takesList: boolean): string | undefined {
  if (Array.isArray(given))
    return takesList && given.every(item => typeof item === 'string') ? given.join(',') : undefined;
  return typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean'
    ? String(given).trim()
    : undefined;
}
