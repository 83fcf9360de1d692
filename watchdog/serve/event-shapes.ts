import { z } from 'zod';
import { ANSWERS } from '../domain/approval.ts';
import { CONDITIONS } from '../domain/condition.ts';
import type { WatchdogEvent } from './watchdog-view.ts';

const time = z.iso.datetime().describe('RFC 3339, UTC');
const about = { at: time, project: z.string(), service: z.string() };
const outcome = z
  .enum(['healed', 'not-healed', 'failed', 'interrupted'])
  .optional()
  .describe('missing while it is under way');
const repair = { change: z.enum(['began', 'ended']), id: z.string().describe('of the repair'), incidentId: z.string() };
const because = z.string().describe('one sentence for people');

/** The `data` of each event of `GET /api/events`, by the name of the event. */
export const eventShapes: Readonly<Record<WatchdogEvent['type'], z.ZodObject>> = {
  finding: z.object({ ...about, kind: z.string(), source: z.string() }),
  decision: z.object({
    ...about,
    kind: z.string().describe('of the finding that was decided on'),
    source: z.string(),
    code: z.string().describe('go, well, nothing-wrong, error, or that of the gate that objects'),
    because,
  }),
  approval: z.object({
    ...about,
    change: z.enum(['asked', 'answered']),
    id: z.string().describe('of the question'),
    incidentId: z.string(),
    strategy: z.string(),
    what: z.string().describe('what people are asked to allow'),
    answer: z.enum(ANSWERS).optional().describe('missing while it is asked'),
    reason: z.string().optional().describe('what the person said besides'),
  }),
  incident: z.object({
    ...about,
    change: z.enum(['opened', 'escalated', 'resolved']),
    id: z.string(),
    condition: z.enum(CONDITIONS).optional().describe('missing when it is resolved'),
    because,
  }),
  outcome: z.object({
    ...about,
    ...repair,
    strategy: z.string(),
    attempt: z.int(),
    outcome,
    code: z.string().optional(),
    because: because.optional(),
  }),
  scaling: z.object({
    ...about,
    ...repair,
    direction: z.enum(['up', 'down']),
    from: z.int().describe('replicas before'),
    to: z.int().describe('replicas that there shall be'),
    reason: z.string().describe('what led to it: the kind of the signal, drift, alert, fallback, minimum, maximum'),
    outcome,
    because,
  }),
};
