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
 * The channels in use. Where there is an Alertmanager, Slack and PagerDuty hear of it from there: its routes, groups and silences
 * would be worth nothing if we went past them. The generic webhook is a program's, and always told.
 */
export function channelsFrom(addresses: Addresses): readonly Channel[] {
  const { alertmanager: prometheus, slack: hook, pagerdutyKey, pagerduty: events, webhook: own } = addresses;
  const straight = [
    ...(hook === undefined ? [] : [slack(hook)]),
    ...(pagerdutyKey === undefined ? [] : [pagerduty(pagerdutyKey, events)]),
  ];
  return [
    ...(prometheus === undefined ? straight : [alertmanager(prometheus)]),
    ...(own === undefined ? [] : [webhook(own)]),
  ];
}
