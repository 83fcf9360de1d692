import type { Condition } from '../../domain/condition.ts';
import { HOST } from '../../domain/finding.ts';
import type { IncidentKind } from '../../domain/incident.ts';
import type { ServiceRef } from '../../domain/service.ts';
import type { Instant } from '../../domain/time.ts';

/** What a piece of news does to the thread of its incident. */
export type Stage = 'opened' | 'escalated' | 'resolved';

/** One piece of news in words for people. Secrets are masked in all of it. */
export interface Telling {
  readonly stage: Stage;
  readonly at: Instant;
  /** What is broken, or that it is over: one line. */
  readonly headline: string;
  /** What is wrong, or how it was found well: one sentence. */
  readonly because: string;
  /** The end of what the health check printed last; undefined where nobody would look for it. */
  readonly healthOutput: string | undefined;
  /** What was done, one line each. */
  readonly done: readonly string[];
  /** What to do, one line each; commands are lines of their own. */
  readonly todo: readonly string[];
}

/** All that people hear of one incident: whatever was told before, then the news. */
export interface Thread extends ServiceRef {
  /** The ledger's id. */
  readonly incident: string;
  readonly kind: IncidentKind;
  /** As it was first told: receivers know the thread by it. */
  readonly condition: Condition | 'ledger-damaged';
  /** Pages people from its opening on, where others are sent a message. */
  readonly critical: boolean;
  /** When the trouble began. */
  readonly since: Instant;
  /** Nothing is wrong: somebody tries the channels. */
  readonly test: boolean;
  /** The newest of each stage, in the order in which they were told. */
  readonly tellings: readonly Telling[];
}

export const newsOf = ({ tellings }: Thread): Telling => {
  const news = tellings.at(-1);
  if (news === undefined) throw new Error('a thread begins with news');
  return news;
};

export const wasTold = ({ tellings }: Thread, stage: Stage): boolean =>
  tellings.some(telling => telling.stage === stage);

/** What receivers know the incident by. With the time it began, so that no two watchdogs and no two ledgers share one. */
export const dedupKeyOf = ({ project, service, kind, incident, since }: Thread): string =>
  `compose-watchdog/${project}/${service}/${kind}/${incident}/${since}`.slice(-255);

/** Whether people are paged for it: a disk that is low is cleaned up first, and pages when that did not help. */
export const isCritical = ({ critical, project }: Thread, stage: Stage): boolean =>
  critical || (project === HOST && stage === 'escalated');

/** `critical` pages, `warning` is a message, `info` is a test. */
export const severityOf = (thread: Thread, stage: Stage): 'critical' | 'warning' | 'info' =>
  thread.test ? 'info' : isCritical(thread, stage) ? 'critical' : 'warning';

export const timeOf = (at: Instant): string => new Date(at).toISOString();

/** The whole news as plain text below its headline. */
export function textOf(thread: Thread, { because, healthOutput, done, todo }: Telling = newsOf(thread)): string {
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [title, ...lines.map(line => `  ${line}`)];
  return [
    because,
    ...list('Last output of its health check:', healthOutput?.split('\n') ?? []),
    ...list('What was done:', done),
    ...list('What to do:', todo),
    `Incident ${thread.incident}, since ${timeOf(thread.since)}`,
  ].join('\n');
}
