import type { DecisionBody, IncidentBody, RepairBody } from '../../watchdog/serve/shapes.ts';
import { Pulse, until } from '../engine/pulse.ts';
import type { Ward } from './a-ward.ts';

/** The labels of an alert, as Prometheus' own series `ALERTS` has them. */
type Labels = Readonly<Record<string, string>>;

/** A message that reached the stand-in for Slack or PagerDuty. */
export interface Message {
  readonly to: string;
  readonly body: {
    /** Slack, as Alertmanager sends it. */
    readonly attachments?: readonly { readonly title: string; readonly text: string }[];
    /** PagerDuty Events API v2. */
    readonly event_action?: 'trigger' | 'resolve';
    readonly dedup_key?: string;
    readonly payload?: { readonly summary: string; readonly severity: string };
  };
}

/** What all of them say at one moment. */
export interface World {
  /** Alerts that fire. */
  readonly firing: readonly Labels[];
  /** Alerts that fire or have done so since the start: some are over between two looks. */
  readonly fired: readonly Labels[];
  readonly incidents: readonly IncidentBody[];
  readonly repairs: readonly RepairBody[];
  readonly decisions: readonly DecisionBody[];
  readonly messages: readonly Message[];
}

/** A few alerts are told of only after group_interval (2 minutes) a second time; a busy machine takes longer for the rest. */
const DEADLINE = 600_000;

/** Asks everybody once a second, so that many stories can be followed at once. */
export class Eyes {
  readonly #ward: Ward;
  readonly #pulse = new Pulse();
  #world: World = { firing: [], fired: [], incidents: [], repairs: [], decisions: [], messages: [] };
  #beating: NodeJS.Timeout | undefined;
  #looking = false;
  #addresses = new Map<string, string>();
  #token = '';

  constructor(ward: Ward) {
    this.#ward = ward;
  }

  async open(): Promise<void> {
    await this.readdress();
    this.#token = await this.#ward.token();
    this.#beating = setInterval(() => void this.#look(), 1_000);
  }

  close(): void {
    clearInterval(this.#beating);
  }

  /** Ports may be others after a restart. */
  async readdress(): Promise<void> {
    for (const [service, port] of [
      ['prometheus', 9090],
      ['watchdog', 8099],
      ['people', 8000],
    ] as const)
      this.#addresses.set(service, await this.#ward.addressOf(service, port));
  }

  get world(): World {
    return this.#world;
  }

  /** Resolves with what the probe makes of the world once that is something. */
  until<T>(what: string, probe: (world: World) => T): Promise<Exclude<T, false | null | undefined | 0 | ''>> {
    const now = () => JSON.stringify(this.#world, null, 1);
    return until(this.#pulse, what, () => probe(this.#world), now, DEADLINE);
  }

  /** Of whoever does not answer, because a test has killed it, the last answer stays. */
  async #look(): Promise<void> {
    // One after the other: an answer that comes late must not take the place of a newer one.
    if (this.#looking) return;
    this.#looking = true;
    const seen = this.#world;
    const [firing, fired, incidents, repairs, decisions, messages] = await Promise.all([
      this.#query('ALERTS{alertstate="firing"}').catch(() => seen.firing),
      this.#query('last_over_time(ALERTS{alertstate="firing"}[1h])').catch(() => seen.fired),
      this.#list<IncidentBody>('incidents').catch(() => seen.incidents),
      this.#list<RepairBody>('repairs').catch(() => seen.repairs),
      this.#list<DecisionBody>('decisions').catch(() => seen.decisions),
      this.#ask<Message[]>('people', '/').catch(() => seen.messages),
    ]);
    this.#world = { firing, fired, incidents, repairs, decisions, messages };
    this.#looking = false;
    this.#pulse.beat();
  }

  async #query(query: string): Promise<readonly Labels[]> {
    const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
    const { data } = await this.#ask<{ data: { result: { metric: Labels }[] } }>('prometheus', path);
    return data.result.map(({ metric }) => metric);
  }

  async #list<T>(name: string): Promise<readonly T[]> {
    return (await this.#ask<{ items: T[] }>('watchdog', `/api/${name}?limit=500`)).items;
  }

  async #ask<T>(service: string, path: string): Promise<T> {
    const headers = service === 'watchdog' ? { authorization: `Bearer ${this.#token}` } : {};
    const signal = AbortSignal.timeout(5_000);
    const response = await fetch(`${this.#addresses.get(service)}${path}`, { headers, signal });
    if (!response.ok) throw new Error(`${service} answered GET ${path} with ${response.status}`);
    return (await response.json()) as T;
  }
}

/** Whether that alert about that service, or about that disk, is among them. */
export const has = (alert: string, service: string | undefined, alerts: readonly Labels[]): boolean =>
  alerts.some(
    labels => labels.alertname === alert && (labels.service === service || `disk:${labels.path}` === service),
  );

/** The only one about that service. @throws Error when there are several */
export function only<T extends { readonly service: string }>(list: readonly T[], service: string): T | undefined {
  const [first, ...others] = list.filter(each => each.service === service);
  if (others.length > 0)
    throw new Error(`${service}: expected one, found ${JSON.stringify([first, ...others], null, 1)}`);
  return first;
}
