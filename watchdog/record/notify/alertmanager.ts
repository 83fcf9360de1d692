import { minutes } from '../../domain/time.ts';
import { type Channel, secretsOf } from './channel.ts';
import { newsOf, type Stage, severityOf, type Telling, type Thread, textOf, timeOf, wasTold } from './thread.ts';

/**
 * Alertmanager forgets an alert `resolve_timeout` after it last heard of it (5 minutes by default), so what is open is sent
 * every minute, as Prometheus does (`resend-delay`).
 */
const REFRESH_EVERY = minutes(1);

interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt?: string;
}

/**
 * Prometheus Alertmanager, `POST /api/v2/alerts` (its `api/v2/openapi.yaml`, `postableAlerts`).
 *
 * An incident is one alert for each stage, `opened` and `escalated`, and both end with it. Alertmanager knows an alert by its
 * labels and tells nobody when only annotations change: an escalation under the same labels would be heard of by no one.
 */
export const alertmanager = (address: string): Channel => ({
  name: 'alertmanager',
  messageFor: thread => alertsOf(thread),
  requestFor: message => ({
    method: 'POST',
    url: `${address.replace(/(?<!\/)\/+$/, '')}/api/v2/alerts`,
    body: JSON.stringify(message),
  }),
  secrets: secretsOf(address),
  refresh: { every: REFRESH_EVERY, messageFor: threads => threads.flatMap(alertsOf) },
});

function alertsOf(thread: Thread): readonly Alert[] {
  const news = newsOf(thread);
  return (['opened', 'escalated'] as const)
    .filter(stage => wasTold(thread, stage))
    .map(stage => {
      const telling = thread.tellings.find(told => told.stage === stage) ?? news;
      return alertFrom(thread, stage, news.stage === 'resolved' ? { ...news, stage } : telling, endOf(thread, news));
    });
}

const endOf = ({ since }: Thread, news: Telling): number | undefined =>
  // Later than the beginning, or the alert is refused: the engine's clock, which dated the beginning, may be ahead of ours.
  news.stage === 'resolved' ? Math.max(news.at, since + 1) : undefined;

function alertFrom(thread: Thread, stage: Stage, telling: Telling, endsAt: number | undefined): Alert {
  return {
    labels: {
      alertname: 'ComposeWatchdogIncident',
      project: thread.project,
      service: thread.service,
      kind: thread.kind,
      condition: thread.condition,
      severity: severityOf(thread, stage),
      stage,
      incident: thread.incident,
      ...(thread.test && { test: 'true' }),
    },
    annotations: { summary: telling.headline, description: textOf(thread, telling) },
    startsAt: timeOf(thread.since),
    ...(endsAt !== undefined && { endsAt: timeOf(endsAt) }),
  };
}
