import { headlinesOf, textOf as reportText } from '../report/report-words.ts';
import { type Channel, type ReportNews, secretsOf } from './channel.ts';
import { dedupKeyOf, isCritical, newsOf, type Thread, textOf, timeOf } from './thread.ts';

/** Grows when a field goes or changes its meaning; new fields come without. */
const VERSION = 1;

/** Anybody's own receiver. The shape is a contract: docs/notifications.md. */
export const webhook = (address: string): Channel => ({
  name: 'webhook',
  messageFor: bodyOf,
  reportFor: reportBodyOf,
  requestFor: message => ({ method: 'POST', url: address, body: JSON.stringify(message) }),
  secrets: secretsOf(address),
});

function bodyOf(thread: Thread): object {
  const { stage, at, headline, because, healthOutput, done, todo } = newsOf(thread);
  const key = dedupKeyOf(thread);
  return {
    version: VERSION,
    id: `${key}/${stage}/${at}`,
    key,
    event: stage,
    test: thread.test,
    at: timeOf(at),
    incident: {
      id: thread.incident,
      project: thread.project,
      service: thread.service,
      kind: thread.kind,
      condition: thread.condition,
      critical: isCritical(thread, stage),
      since: timeOf(thread.since),
    },
    summary: headline,
    because,
    health_output: healthOutput ?? null,
    done,
    todo,
    text: textOf(thread),
  };
}

const reportBodyOf = ({ id, at, report, test }: ReportNews): object => ({
  version: VERSION,
  id,
  key: id,
  event: 'report',
  test,
  at: timeOf(at),
  summary: headlinesOf(report).join(' '),
  report,
  text: reportText(report),
});
