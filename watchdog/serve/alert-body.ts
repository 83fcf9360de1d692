import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import type { ReceivedAlert } from '../domain/received-alert.ts';
import { Problem } from './problem.ts';

// What Alertmanager posts, version 4: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config

/**
 * 2,000 alerts are 1.2 to 2 MB, and one delivery may hold all that fire (`max_alerts` is without limit by default).
 * Alertmanager gives up what it is told is too large, so this is more generous than the rest of the API.
 */
export const ALERT_BODY_LIMIT = 4 * 2 ** 20;

const MOST_ALERTS = 10_000;
const MOST_LABELS = 200;
const LONGEST_NAME = 500;
/** What is longer is cut: no service has such a name, and the fingerprint still tells alerts apart. */
const LONGEST_VALUE = 1_000;
const LONGEST_SUMMARY = 500;
const MOST_PROBLEMS = 20;

/** With what was found, as our errors say it. */
const expected = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `found ${shown(input)}, expected ${what}`,
});

/** Label and annotation sets. A prototype smuggled in under its own name is no label. */
const words = z
  .unknown()
  .meta({ type: 'object', additionalProperties: { type: 'string' } })
  .transform((given, context): Readonly<Record<string, string>> => {
    const problem = wordsProblem(given);
    if (problem === undefined)
      return Object.fromEntries(
        Object.entries(given as Record<string, string>).map(([name, value]) => [name, value.slice(0, LONGEST_VALUE)]),
      );
    context.addIssue({ code: 'custom', message: problem });
    return z.NEVER;
  });

function wordsProblem(given: unknown): string | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return `found ${shown(given)}, expected an object of strings`;
  const entries = Object.entries(given);
  if (entries.length > MOST_LABELS) return `found ${entries.length} of them, expected at most ${MOST_LABELS}`;
  const odd = entries.find(([name]) => name === '' || name === '__proto__' || name.length > LONGEST_NAME);
  if (odd !== undefined) return `found the name ${shown(odd[0])}, expected one of 1 to ${LONGEST_NAME} characters`;
  const loose = entries.find(([, value]) => typeof value !== 'string');
  return loose && `found ${shown(loose[1])} as the value of ${shown(loose[0])}, expected a string`;
}

const time = z.iso.datetime({ offset: true, ...expected('a time such as 2026-03-01T10:00:00Z') });

const alertShape = z.object(
  {
    status: z.enum(['firing', 'resolved'], expected('firing or resolved')),
    labels: words,
    annotations: words.optional(),
    startsAt: time,
    endsAt: time.optional(),
    fingerprint: z
      .string(expected('the fingerprint of its labels'))
      .regex(/^[\w-]{1,64}$/, expected('the fingerprint of its labels')),
  },
  expected('an alert'),
);

export const alertsShape = z.object(
  {
    version: z.literal('4', expected('"4"')),
    alerts: z
      .array(alertShape, expected('a list of alerts'))
      .max(MOST_ALERTS, `expected at most ${MOST_ALERTS} alerts`),
    truncatedAlerts: z.number(expected('a number')).optional().describe('left out because of max_alerts'),
  },
  expected('the object that Alertmanager posts'),
);

/** A delivery as it was checked. */
export interface AlertBody {
  readonly alerts: readonly ReceivedAlert[];
  /** How many Alertmanager left out. */
  readonly leftOut: number;
}

/** Reads the body of a delivery, as it came over the wire. Throws `Problem` 400 that names each thing that is wrong. */
export function readAlerts(body: unknown): AlertBody {
  const read = alertsShape.safeParse(jsonIn(body));
  if (!read.success) throw badAlerts(read.error.issues);
  const { alerts, truncatedAlerts } = read.data;
  return { alerts: alerts.map(receivedFrom), leftOut: truncatedAlerts ?? 0 };
}

function jsonIn(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0)
    throw new Problem(400, 'the body is empty: expected the JSON that Alertmanager posts');
  if (!isUtf8(body)) throw new Problem(400, 'the body is not UTF-8');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Problem(400, 'the body is not JSON: expected what Alertmanager posts; was it cut short?');
  }
}

function badAlerts(issues: readonly z.core.$ZodIssue[]): Problem {
  const problems = issues.slice(0, MOST_PROBLEMS).map(issue => `${placeOf(issue.path)}: ${issue.message}`);
  const more = issues.length - problems.length;
  return new Problem(400, issues.length === 1 ? `${problems[0]}` : `${issues.length} things are wrong`, {
    problems: more > 0 ? [...problems, `and ${more} more`] : problems,
  });
}

/** `body alerts[3].labels`. */
const placeOf = (path: readonly PropertyKey[]): string =>
  `body ${path.map((part, at) => (typeof part === 'number' ? `[${part}]` : `${at > 0 ? '.' : ''}${String(part)}`)).join('')}`.trimEnd();

function receivedFrom(alert: z.output<typeof alertShape>): ReceivedAlert {
  const { fingerprint, status, labels, annotations } = alert;
  const said = (name: string) => (annotations && Object.hasOwn(annotations, name) ? annotations[name] : undefined);
  const summary = (said('summary') || said('description') || '').replaceAll(/\s+/g, ' ').trim();
  const endsAt = alert.endsAt === undefined ? 0 : Date.parse(alert.endsAt);
  return {
    fingerprint,
    status,
    labels,
    summary: summary.slice(0, LONGEST_SUMMARY),
    startsAt: Date.parse(alert.startsAt),
    // Go writes the year 1 for what still fires.
    endsAt: endsAt > 0 ? endsAt : undefined,
    source: 'alertmanager',
  };
}

/** A value from outside, for a sentence. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(typeof value === 'string' && value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
