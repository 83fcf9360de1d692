import { z } from 'zod';
import { TRENDS } from '../domain/error-stats.ts';
import { ERROR_TYPES, SEVERITIES, TIERS } from '../domain/log-error.ts';

// What goes over the wire of errors in logs, as `shapes.ts` has the rest.

const time = z.iso.datetime().describe('RFC 3339, UTC');
const ref = { project: z.string(), service: z.string() };

export const typeField = z.enum(ERROR_TYPES);
export const severityField = z.enum(SEVERITIES);

export const errorShape = z.object({
  id: z.string(),
  ...ref,
  type: typeField,
  severity: severityField,
  tier: z.enum(TIERS).describe('how sure the pattern is'),
  pattern: z.string().describe('the log pattern that recognised it'),
  count: z.int().describe('records that told of it'),
  firstAt: time,
  lastAt: time,
  burstAt: time.optional().describe("when the service's errors were last found to be far above its own past"),
  resolvedAt: time.optional().describe('when a person said that it is over'),
  sample: z.string().describe('the newest record, cut, without secrets'),
  variants: z
    .array(z.object({ template: z.string(), count: z.int() }))
    .describe('the forms of the message, the commonest first'),
});

const counts = {
  count: z.int().describe('records that told of it in the span'),
  before: z.int().describe('in as many full hours before the span'),
  trend: z.enum(TRENDS).describe('steady: what differs may be chance'),
};
const severity = severityField.describe('the worst that was seen');

export const errorStatsShape = z.object({
  since: time.describe('a full hour'),
  until: time,
  total: z.object(counts),
  types: z.array(z.object({ type: typeField, severity, ...counts })).describe('the commonest first'),
  services: z.array(z.object({ ...ref, severity, ...counts })).describe('those with the most first'),
  hours: z.array(z.object({ at: time, count: z.int() })).describe('each hour of the span, oldest first'),
});

export type ErrorBody = z.infer<typeof errorShape>;
export type ErrorStatsBody = z.infer<typeof errorStatsShape>;
