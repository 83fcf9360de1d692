import { z } from 'zod';
import { PATTERN_TYPES, SEVERITIES, TIERS } from '../domain/log-error.ts';

import { type Kind, name, oneOf } from './kinds.ts';
import { scalar } from './yaml-value.ts';

const patternType: Kind<(typeof PATTERN_TYPES)[number]> = {
  expected: `one of ${PATTERN_TYPES.join(', ')}`,
  jsonSchema: { enum: PATTERN_TYPES },
  read: text => PATTERN_TYPES.find(type => type === text),
};

const lines = (least: number, most: number) =>
  z
    .array(z.string('text').min(1, 'text that is not empty').max(4_096, 'at most 4096 characters'))
    .min(least, `at least ${least === 1 ? 'one' : least}`)
    .max(most, `at most ${most}`);

/** One file of patterns. Whether their expressions and examples are sound is checked by `loadLogPatterns`. */
export const logPatternsSchema = z.strictObject({
  patterns: z.array(
    z.strictObject({
      name: scalar(name, 'One of the same name in a later folder replaces it.'),
      type: scalar(patternType, 'What such a record is; NONE for one that only looks like an error.'),
      severity: scalar(oneOf(...SEVERITIES), 'How bad it is.'),
      tier: scalar(oneOf(...TIERS), 'Whether nothing else can mean it, or it usually does.'),
      heeds_level: z
        .boolean()
        .describe('Whether a line that was told for information only is left alone, however certain its words.')
        .optional(),
      alarm: z
        .boolean()
        .describe(
          'Whether it tells of an attack: people hear of it at once, and nothing is repaired until they have looked.',
        )
        .optional(),
      services: z.array(z.string('text').regex(/^[a-z0-9._-]+$/, 'a word in small letters')).optional(),
      expressions: lines(1, 100).describe('Any of them says it. Case is of no matter.'),
      with: lines(1, 100).describe('One of them must be found as well.').optional(),
      unless: lines(1, 100).describe('None of them may be found.').optional(),
      matches: lines(2, 100).describe('Lines that it recognises.'),
      misses: lines(2, 100).describe('Lines that look like it and are something else.'),
      why: z.string().max(4_096, 'at most 4096 characters').describe('For whoever reads the file.').optional(),
    }),
  ),
});
