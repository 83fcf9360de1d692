import { alertmanager } from './alertmanager.ts';
import type { Channel } from './channel.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { webhook } from './webhook.ts';

/** Where people are told, as the settings say it. What is undefined is not told. */
export interface Addresses {
  readonly alertmanager: string | undefined;
  readonly slack: string | undefined;
  readonly pagerdutyKey: string | undefined;
  readonly pagerduty: string | undefined;
  readonly webhook: string | undefined;
  readonly heartbeat: string | undefined;
}

/**
 * The channels in use. Where there is an Alertmanager, Slack and PagerDuty hear of incidents from there: its routes, groups and
 * silences would be worth nothing if we went past them. A report is no alert and wakes nobody, so Slack has it from us in
 * any case. The generic webhook is a program's, and always told.
 */
export function channelsFrom(addresses: Addresses): readonly Channel[] {
  const { alertmanager: prometheus, slack: hook, pagerdutyKey, pagerduty: events, webhook: own } = addresses;
  const isRouted = prometheus !== undefined;
  return [
    ...(isRouted ? [alertmanager(prometheus)] : []),
    ...(hook === undefined ? [] : [isRouted ? onlyReports(slack(hook)) : slack(hook)]),
    ...(isRouted || pagerdutyKey === undefined ? [] : [pagerduty(pagerdutyKey, events)]),
    ...(own === undefined ? [] : [webhook(own)]),
  ];
}

const onlyReports = (channel: Channel): Channel => ({ ...channel, messageFor: () => undefined });
