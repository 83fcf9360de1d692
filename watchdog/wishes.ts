import type { AnswerGiven, AnswerTaken } from './domain/approval.ts';
import { type Ask, type Finding, followUp } from './domain/finding.ts';
import { keyOf } from './domain/incident.ts';
import type { ErrorRecord } from './domain/records.ts';
import type { Service, ServiceRef } from './domain/service.ts';
import type { Duration, Instant } from './domain/time.ts';
import type { Report } from './pipeline.ts';
import { answerTo } from './record/answer-to.ts';
import type { Chronicle } from './record/chronicle.ts';
import type { Ledger } from './record/ledger/ledger.ts';

/** What people may ask of a running watchdog, and answer it. */
export interface Wishes {
  /** Puts a person's wish on the road and waits for the decision, at most so long. */
  readonly ask: (ref: ServiceRef, wish: Ask, within: Duration) => Promise<WishAnswer>;
  /** A person changed what is allowed: look at the service again, or at all of the project, or at everything (`*`). */
  readonly lookAgain: (target: { readonly project: string; readonly service: string | undefined }) => void;
  /** A person answers what was asked about an incident. */
  readonly answer: (incidentId: string, said: AnswerGiven) => AnswerTaken;
  /** A person says that the incident is over. */
  readonly resolve: (incidentId: string, because: string) => void;
  /** A person says that this error in a log is over, and the attack that it told of. @returns undefined where there is none of this id */
  readonly resolveError: (id: string) => ErrorRecord | undefined;
}

export interface WishAnswer {
  readonly verdict: 'accepted' | 'refused';
  readonly because: string;
  readonly incidentId: string | undefined;
}

interface WishClock {
  now(): Instant;
  sleep(duration: Duration, signal: AbortSignal): Promise<void>;
}

export interface WishParts {
  readonly ledger: Pick<Ledger, 'openIncidentOf' | 'incident'>;
  readonly clock: WishClock;
  readonly stack: { services(project?: string): Iterable<Service> };
  readonly lanes: { submit(finding: Finding): void; readonly closed: boolean };
  readonly chronicle: Chronicle;
  readonly logs: { resolve(id: string): ErrorRecord | undefined };
  /** Who waits for what comes of a finding. */
  readonly answers: WeakMap<Finding, (report: Report) => void>;
}

/** A person's words become findings, which walk the road like any other. */
export const wishes = ({ ledger, clock, stack, lanes, chronicle, answers, logs }: WishParts): Wishes => ({
  ask: async (ref, wish, within) => {
    if (lanes.closed) return { verdict: 'refused', because: 'the watchdog is stopping', incidentId: undefined };
    const finding = askedFor(ref, wish, clock.now());
    const answer = new Promise<Report>(resolve => answers.set(finding, resolve));
    lanes.submit(finding);
    const incident = () => ledger.openIncidentOf(keyOf({ ...ref, kind: 'ailing' }))?.id;
    return await answerWithin(answer, within, clock, incident);
  },
  lookAgain: ({ project, service }) => {
    for (const found of stack.services(project === '*' ? undefined : project))
      if (service === undefined || found.service === service) lanes.submit(lookAt(found, clock.now()));
  },
  answer: (incidentId, said) => {
    const taken = answerTo(incidentId, said, { ledger, chronicle, clock });
    if (taken.verdict === 'accepted') lanes.submit(lookAt(taken.approval, clock.now()));
    return taken;
  },
  resolve: (incidentId, because) => {
    const open = ledger.incident(incidentId);
    if (open !== undefined && open.state !== 'resolved') chronicle.resolve(open, because);
  },
  resolveError: id => {
    const error = logs.resolve(id);
    const attack = error && ledger.openIncidentOf(keyOf({ ...error, kind: 'attacked' }));
    // Nothing else ends it: a log that is quiet again says nothing about whoever was there.
    if (attack?.error?.pattern === error?.pattern && attack !== undefined)
      chronicle.resolve(attack, 'somebody has looked, and says that it is over');
    return error;
  },
});

const askedFor = (ref: ServiceRef, wish: Ask, now: Instant): Finding => ({
  kind: 'asked',
  target: { project: ref.project, service: ref.service },
  source: 'api',
  at: now,
  seenAt: now,
  evidence: {},
  ask: wish,
});

const lookAt = (ref: ServiceRef, now: Instant): Finding => ({ ...followUp('look-again', ref, now), source: 'api' });

/** A wish waits in its service's lane; behind a repair under way that can take longer than a person wants to wait. */
async function answerWithin(
  answer: Promise<Report>,
  within: Duration,
  clock: WishClock,
  openIncident: () => string | undefined,
): Promise<WishAnswer> {
  const enough = new AbortController();
  const late = clock.sleep(within, enough.signal).then(
    () => undefined,
    () => undefined,
  );
  const report = await Promise.race([answer, late]);
  enough.abort();
  if (report === undefined)
    return {
      verdict: 'accepted',
      because: 'another repair of this service is under way; yours is next',
      incidentId: openIncident(),
    };
  if (report.verdict === 'go')
    return { verdict: 'accepted', because: report.order.reason, incidentId: report.incidentId };
  if (report.verdict === 'stand-back')
    return { verdict: 'refused', because: report.objection.because, incidentId: report.incidentId };
  return { verdict: 'refused', because: report.because, incidentId: openIncident() };
}
