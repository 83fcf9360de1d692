import { z } from 'zod';
import { STANDINGS } from '../domain/approval.ts';
import { ALL_CONDITIONS } from '../domain/condition.ts';
import { GATE_CODES } from '../domain/decision.ts';
import { INCIDENT_KINDS } from '../domain/incident.ts';
import { ALERT_REFUSALS } from '../domain/received-alert.ts';
import { SCALING_CODES } from '../domain/scaling.ts';

// What goes over the wire. Handlers, openapi.json and the command line all read these definitions.

const time = z.iso.datetime().describe('RFC 3339, UTC');
const loose = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const told = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string()).readonly()]));
const state = z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']);
const health = z.enum(['none', 'starting', 'healthy', 'unhealthy']);
const kind = z.enum(INCIDENT_KINDS);
const incidentState = z.enum(['opened', 'repairing', 'verifying', 'escalated', 'resolved']);
const condition = z.enum(ALL_CONDITIONS);
const ref = { project: z.string(), service: z.string() };

const replicaShape = z.object({
  name: z.string(),
  number: z.int(),
  id: z.string(),
  state,
  health,
  exitCode: z.int().optional(),
  restarts: z.int().optional().describe("by the engine's own restart policy"),
  startedAt: time.optional(),
  lastProbe: z.object({ at: time, exitCode: z.int(), output: z.string() }).optional(),
});

export const scalingShape = z.object({
  problems: z.array(z.string()).describe('why its settings cannot be read; its size is left alone meanwhile'),
  readAt: time.optional().describe('when its load was last read; what follows is missing before that'),
  replicas: z.int().optional().describe('that are meant to work now'),
  wanted: z.int().optional().describe('that there shall be now'),
  recommended: z.int().optional().describe('that the load asks for, before windows, rates and limits'),
  min: z.int().optional(),
  max: z.int().optional(),
  signals: z
    .array(z.object({ name: z.string(), value: z.number().optional(), target: z.string(), because: z.string() }))
    .optional(),
  heldBackBy: z
    .array(z.object({ code: z.enum(SCALING_CODES), because: z.string() }))
    .optional()
    .describe('in the order in which they do'),
  because: z.string().optional(),
  obstacles: z.array(z.string()).optional().describe('why it cannot be scaled'),
});

export const serviceShape = z.object({
  ...ref,
  state: state.optional().describe('the worst of the replicas; missing when there are none'),
  health: health.describe('the worst of the replicas'),
  replicas: z.array(replicaShape),
  policy: z
    .record(z.string(), z.object({ value: z.union([z.string(), z.number(), z.boolean()]), origin: z.string() }))
    .describe('what is in force, and where each value came from'),
  problems: z.array(z.string()).describe('why its settings cannot be read; its repair is held back meanwhile'),
  openIncident: z
    .object({ id: z.string(), condition: z.string(), state: incidentState, because: z.string(), openedAt: time })
    .optional(),
  pause: z.object({ by: z.enum(['person', 'maintenance']), until: time.optional(), reason: z.string() }).optional(),
  nextAction: z
    .object({
      verdict: z.enum(['go', 'stand-back']),
      code: z.string().optional(),
      because: z.string(),
      strategy: z.string().optional(),
      until: time.optional(),
    })
    .optional(),
  scaling: scalingShape.optional().describe('missing where nobody asks for it'),
});

export const incidentShape = z.object({
  id: z.string(),
  key: z.string().describe('project/service/kind'),
  ...ref,
  kind,
  condition,
  state: incidentState,
  because: z.string(),
  replicas: z.array(z.string()),
  evidence: loose,
  since: time.describe('when the trouble began'),
  openedAt: time,
  detectedSeconds: z.number().describe('from the begin of the trouble to the incident'),
  escalatedAt: time.optional(),
  resolvedAt: time.optional(),
  life: z.array(z.object({ state: incidentState, at: time, because: z.string() })),
  approvals: z
    .array(
      z.object({
        order: z.string().describe('what an answer names it by'),
        strategy: z.string(),
        what: z.string().describe('what exactly would be done'),
        standing: z.enum(STANDINGS),
        askedAt: time,
        expiresAt: time.describe('until then an answer counts, or a yes holds'),
        answeredAt: time.optional(),
        reason: z.string().optional(),
      }),
    )
    .describe('what people were asked, oldest first'),
});

export const backupShape = z.object({
  id: z.string(),
  ...ref,
  container: z.string(),
  source: z.string().describe('the volume'),
  target: z.string().describe('where the container has it'),
  at: time,
  bytes: z.int(),
  sha256: z.string().describe('of the tar'),
  whileRunning: z.boolean().describe('what the container was writing then may be there by half'),
});

export const repairShape = z.object({
  id: z.string(),
  incidentId: z.string(),
  ...ref,
  kind,
  condition,
  strategy: z.string(),
  replicas: z.array(z.string()),
  attempt: z.int(),
  reason: z.string(),
  outcome: z.enum(['healed', 'not-healed', 'failed', 'interrupted']).optional().describe('missing while under way'),
  code: z.string(),
  because: z.string(),
  startedAt: time,
  actedAt: time.optional().describe('when the engine call had returned'),
  endedAt: time.optional(),
  steps: z.array(z.object({ step: z.string(), at: time })),
});

export const decisionShape = z.object({
  id: z.string(),
  ...ref,
  kind: z.string(),
  condition: z.string().optional(),
  verdict: z.enum(['go', 'stand-back', 'well', 'nothing-wrong', 'error']),
  code: z.string(),
  because: z.string(),
  strategy: z.string().optional(),
  incidentId: z.string().optional(),
  firstAt: time,
  lastAt: time,
  count: z.int().describe('equal decisions in a row'),
  until: time.optional(),
});

export const explanationShape = z.object({
  ...ref,
  verdict: z.enum(['incident', 'well', 'nothing-wrong']),
  because: z.string(),
  incident: z
    .object({ kind, condition, because: z.string(), replicas: z.array(z.string()), since: time, evidence: loose })
    .optional(),
  order: z
    .object({ strategy: z.string(), with: told, replicas: z.array(z.string()), attempt: z.int(), reason: z.string() })
    .optional()
    .describe('what would be done if no gate objected'),
  gates: z
    .array(z.object({ code: z.enum(GATE_CODES), objection: z.string().optional(), until: time.optional() }))
    .describe('in their order; no objection means it lets pass'),
  decision: z.enum(['go', 'stand-back']).optional(),
  scaling: scalingShape.optional().describe('missing where nobody asks for it'),
});

export const alertExplanationShape = z.object({
  name: z.string(),
  fingerprint: z.string(),
  status: z.enum(['firing', 'resolved']),
  verdict: z.enum(['ignored', 'refused', 'found']),
  code: z.enum(ALERT_REFUSALS).optional(),
  because: z.string().describe('how its service was found, or why it gets no repair'),
  repair: z.string().optional().describe('what it wants'),
  explanation: explanationShape.optional().describe('what would be decided if it came now'),
});

export const alertExplanationsShape = z.object({ items: z.array(alertExplanationShape) });

export const answerShape = z.object({
  verdict: z.literal('accepted'),
  because: z.string(),
  incident: incidentShape.optional(),
});

export const resumedShape = z.object({
  resumed: z.boolean().describe('whether there was anything to end'),
  service: serviceShape,
});

export const problemShape = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  problems: z.array(z.string()).optional(),
});

const figures = {
  incidents: z.int().describe('opened in the span'),
  open: z.int().describe('not over yet, whenever they were opened'),
  escalated: z.int().describe('given to people in the span'),
  repairs: z.int().describe('begun in the span'),
  healed: z.int(),
  failed: z.int().describe('ended in any other way'),
  success: z.number().optional().describe('healed, of those that have ended: 0 to 1'),
  detectedSeconds: z.number().optional().describe('mean, from the beginning of the trouble to its incident'),
  recoveredSeconds: z.number().optional().describe('mean, from the beginning of the trouble to its end'),
  refused: z
    .record(z.string(), z.int())
    .describe("how often it stood back, by the gate's code; equal ones in a row are one"),
  relapses: z.int().describe('times it fell ill again within an hour of being well'),
  scaledUp: z.int().describe('times the auto-scaler brought it to more replicas'),
  scaledDown: z.int().describe('times the auto-scaler brought it to fewer replicas'),
  scalingFailed: z.int().describe('changes of size that failed'),
};

export const reportShape = z.object({
  since: time,
  until: time,
  total: z.object(figures),
  services: z
    .array(z.object({ ...ref, ...figures, flapping: z.boolean() }))
    .readonly()
    .describe('worst first'),
  unlisted: z.int().describe('services that are not in the list, because it would be too long'),
  recommendations: z
    .array(z.object({ rule: z.string(), services: z.array(z.object(ref)).readonly(), text: z.string() }))
    .readonly()
    .describe('what to do, most urgent first'),
});

/** `next` is the cursor of the page that follows; missing on the last one. */
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().optional() });

export type ScalingBody = z.infer<typeof scalingShape>;
export type ServiceBody = z.infer<typeof serviceShape>;
export type IncidentBody = z.infer<typeof incidentShape>;
export type BackupBody = z.infer<typeof backupShape>;
export type RepairBody = z.infer<typeof repairShape>;
export type DecisionBody = z.infer<typeof decisionShape>;
export type ExplanationBody = z.infer<typeof explanationShape>;
export type AlertExplanationBody = z.infer<typeof alertExplanationShape>;
export type AnswerBody = z.infer<typeof answerShape>;
