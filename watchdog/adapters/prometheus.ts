import type { ReceivedAlert } from '../domain/received-alert.ts';
import { labelFingerprint } from './label-fingerprint.ts';
import type { SendHttp } from './send-http.ts';

/** What is asked of a Prometheus. */
export interface Prometheus {
  /** The alerts that fire, pending ones left out. Rejects with a reason in a few words; only a whole answer is one. */
  firingAlerts(signal?: AbortSignal): Promise<readonly ReceivedAlert[]>;
}

/** Some 20,000 alerts. */
const LONGEST_ANSWER = 16 * 2 ** 20;
const LONGEST_VALUE = 1_000;
const LONGEST_SUMMARY = 500;

/** @param address may have a path, as behind a proxy. */
export const connectPrometheus = (address: string, send: SendHttp): Prometheus => ({
  firingAlerts: async signal => {
    const url = `${address.replace(/(?<!\/)\/+$/, '')}/api/v1/alerts`;
    const answer = await send({ method: 'GET', url, longestAnswer: LONGEST_ANSWER }, signal);
    if (answer.status !== 200) throw new Error(`it answered with status ${answer.status}`);
    return alertsIn(answer.text);
  },
});

/** https://prometheus.io/docs/prometheus/latest/querying/api/#alerts */
function alertsIn(text: string): readonly ReceivedAlert[] {
  const said = jsonIn(text);
  const alerts = isObject(said) && said.status === 'success' && isObject(said.data) ? said.data.alerts : undefined;
  if (!Array.isArray(alerts)) throw new Error('its answer is no list of alerts');
  return alerts.flatMap(alert => (isObject(alert) && alert.state === 'firing' ? receivedFrom(alert) : []));
}

function receivedFrom({ labels, annotations, activeAt }: Readonly<Record<string, unknown>>): ReceivedAlert {
  const startsAt = Date.parse(String(activeAt));
  if (!isWords(labels) || Number.isNaN(startsAt))
    throw new Error('an alert in its answer has no labels or no beginning');
  const { summary, description } = isWords(annotations) ? annotations : {};
  return {
    fingerprint: labelFingerprint(labels),
    status: 'firing',
    labels: Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, value.slice(0, LONGEST_VALUE)])),
    summary: (summary || description || '').replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_SUMMARY),
    startsAt,
    endsAt: undefined,
    source: 'prometheus',
  };
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('its answer is not JSON, or longer than 16 MiB');
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isWords = (value: unknown): value is Readonly<Record<string, string>> =>
  isObject(value) && Object.entries(value).every(([name, word]) => name !== '__proto__' && typeof word === 'string');
