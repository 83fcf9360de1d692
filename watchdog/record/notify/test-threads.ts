import { hours, type Instant, minutes } from '../../domain/time.ts';
import { reportFrom } from '../report/report-from.ts';
import type { ReportNews } from './channel.ts';
import type { Telling, Thread } from './thread.ts';

/** A thread that nobody needs to act upon, after each of its three pieces of news. */
export function testThreads(now: Instant): readonly Thread[] {
  const telling = (stage: Telling['stage'], headline: string, done: string[], todo: string[]): Telling => ({
    stage,
    at: now,
    headline,
    because: 'somebody ran: watchdog notify test',
    healthOutput: stage === 'escalated' ? 'here stands the last output of the health check' : undefined,
    done,
    todo,
  });
  const tellings = [
    telling('opened', 'This is a test: a service is ill and a repair is tried', ['restart is under way'], ['Nothing.']),
    telling('escalated', 'This is a test: a service needs you', ['restart did not help'], ['Nothing: it is a test.']),
    telling('resolved', 'This is a test: the service is well after 1m', ['restart healed it'], []),
  ];
  const thread: Thread = {
    incident: 'test',
    project: 'watchdog',
    service: 'test',
    kind: 'ailing',
    condition: 'unhealthy',
    critical: true,
    since: now - minutes(1),
    test: true,
    tellings: [],
  };
  return tellings.map((_, last) => ({ ...thread, tellings: tellings.slice(0, last + 1) }));
}

/** The report of a day on which nothing happened. */
export const testReport = (now: Instant): ReportNews => ({
  id: `compose-watchdog/report/test/${now}`,
  at: now,
  report: reportFrom(
    { incidents: [], relapses: [], repairs: [], refusals: [] },
    { since: now - hours(24), until: now },
    [],
  ),
  test: true,
});
