import type { Channel } from './channel.ts';
import { dedupKeyOf, newsOf, severityOf, type Thread, textOf, timeOf, wasTold } from './thread.ts';

/** Where PagerDuty takes events; accounts of its EU region have another (`WATCHDOG_PAGERDUTY_URL`). */
export const PAGERDUTY_ADDRESS = 'https://events.pagerduty.com/v2/enqueue';

const LONGEST_SUMMARY = 1_024;

/**
 * PagerDuty's Events API v2 (https://developer.pagerduty.com/docs/send-alert-event): an escalation triggers, and for critical
 * services the opening does already; the end resolves what was triggered. Severity `critical` pages by PagerDuty's own
 * urgency rules, `warning` does not need to.
 */
export const pagerduty = (routingKey: string, address: string = PAGERDUTY_ADDRESS): Channel => ({
  name: 'pagerduty',
  messageFor: eventOf,
  requestFor: message => ({
    method: 'POST',
    url: address,
    body: JSON.stringify({ routing_key: routingKey, ...message }),
  }),
  secrets: [routingKey],
});

function eventOf(thread: Thread): object | undefined {
  if (!thread.critical && !wasTold(thread, 'escalated')) return undefined;
  const news = newsOf(thread);
  const dedup_key = dedupKeyOf(thread);
  if (news.stage === 'resolved') return { event_action: 'resolve', dedup_key };
  return {
    event_action: 'trigger',
    dedup_key,
    client: 'Compose Watchdog',
    payload: {
      summary: `${thread.test ? '[TEST] ' : ''}${news.headline}`.slice(0, LONGEST_SUMMARY),
      source: `${thread.project}/${thread.service}`,
      severity: severityOf(thread, news.stage),
      timestamp: timeOf(news.at),
      component: thread.service,
      group: thread.project,
      class: thread.condition,
      custom_details: { incident: thread.incident, stage: news.stage, details: textOf(thread) },
    },
  };
}
