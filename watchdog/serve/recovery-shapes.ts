import { z } from 'zod';
import { ALL_CONDITIONS } from '../domain/condition.ts';
import type { RepairRecord } from '../domain/records.ts';
import type { RecoveryStats } from '../domain/recovery.ts';
import type { Instant } from '../domain/time.ts';
import { repairBody } from './bodies.ts';
import { repairShape } from './shapes.ts';

const time = z.iso.datetime().describe('RFC 3339, UTC');
const type = z.enum(ALL_CONDITIONS).describe('the condition: port-conflict for PORT_CONFLICT');

export const recoveryShape = repairShape.omit({ condition: true, actedAt: true, steps: true }).extend({
  type,
  success: z.boolean().optional().describe('missing while under way'),
  actSeconds: z.number().optional().describe('from the first step until the engine had done it'),
  seconds: z.number().optional().describe('from the first step until it was proven or given up'),
});

const figures = {
  repairs: z.int().describe('begun in the span; changes of size are none'),
  underWay: z.int(),
  healed: z.int(),
  failed: z.int().describe('ended in any other way'),
  success: z.number().optional().describe('healed, of those that have ended: 0 to 1'),
  actSeconds: z.number().optional().describe('mean, from the first step until the engine had done it'),
  healSeconds: z.number().optional().describe('mean of those that healed, from the first step until that was proven'),
};

export const recoveryStatsShape = z.object({
  since: time,
  until: time,
  total: z.object(figures),
  types: z
    .array(
      z.object({
        type,
        ...figures,
        incidents: z.int().describe('opened in the span'),
        detectedSeconds: z.number().optional().describe('mean, from the beginning of the trouble to its incident'),
        recoveredSeconds: z.number().optional().describe('mean, from the beginning of the trouble to its end'),
      }),
    )
    .describe('by what was wrong, the commonest first'),
  strategies: z.array(z.object({ strategy: z.string(), ...figures })).describe('by what was done'),
  pairs: z.array(z.object({ type, strategy: z.string(), ...figures })).describe('by what was done about what'),
});

export function recoveryBody(record: RepairRecord): z.infer<typeof recoveryShape> {
  const { condition, actedAt: _, steps: __, ...repair } = repairBody(record);
  const { startedAt, actedAt, endedAt, outcome } = record;
  return {
    ...repair,
    type: condition,
    ...(outcome !== undefined && { success: outcome === 'healed' }),
    ...(actedAt !== undefined && { actSeconds: between(startedAt, actedAt) }),
    ...(endedAt !== undefined && { seconds: between(startedAt, endedAt) }),
  };
}

export const recoveryStatsBody = (stats: RecoveryStats): z.infer<typeof recoveryStatsShape> => ({
  since: new Date(stats.since).toISOString(),
  until: new Date(stats.until).toISOString(),
  total: stats.total,
  types: [...stats.types],
  strategies: [...stats.strategies],
  pairs: [...stats.pairs],
});

/** In seconds; a clock that was set back makes no time negative. */
const between = (from: Instant, to: Instant): number => Math.max(0, to - from) / 1_000;
