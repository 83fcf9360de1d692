import type { Clock } from '../../watchdog/adapters/clock.ts';
import { type Duration, type Instant, minutes, seconds } from '../../watchdog/domain/time.ts';
import { START } from '../fakes/fake-clock.ts';
import type { Paces } from './plan.ts';
import type { SentAlert } from './prometheus.ts';

// As Alertmanager does it: dispatch/dispatch.go (aggrGroup) for when a group is told of, notify/notify.go (DedupStage.needsUpdate) for
// whether, and RetryStage there for how often.

/** What it waits for an answer at least, whatever the interval of the group (notify.MinTimeout). */
const PATIENCE: Duration = seconds(10);
/** Of a delivery that failed (backoff.NewExponentialBackOff, without its jitter). */
const FIRST_RETRY: Duration = 500;
const RETRY_FACTOR = 1.5;
const LAST_RETRY: Duration = minutes(1);

/** One alert of a delivery. */
export interface ToldAlert extends SentAlert {
  readonly status: 'firing' | 'resolved';
}

interface Group {
  readonly service: string;
  readonly alerts: Map<string, SentAlert>;
  told: boolean;
  cancel: () => void;
}

/** What was told of a group, and when: the notification log. */
interface Entry {
  readonly firing: ReadonlySet<string>;
  readonly resolved: ReadonlySet<string>;
  readonly at: Instant;
}

/** An Alertmanager with one route, `group_by: [project, service]` as in the stack, and one receiver. Its clock is right. */
export class SimulatedAlertmanager {
  readonly #clock: Clock;
  readonly #paces: Paces;
  /** @returns whether it arrived, as far as the sender can know. */
  readonly #deliver: (alerts: readonly ToldAlert[]) => Promise<boolean>;
  readonly #groups = new Map<string, Group>();
  readonly #log = new Map<string, Entry>();
  /** Undefined while it is away; what an earlier one began goes no further. */
  #life: object | undefined = {};

  constructor(clock: Clock, paces: Paces, deliver: (alerts: readonly ToldAlert[]) => Promise<boolean>) {
    this.#clock = clock;
    this.#paces = paces;
    this.#deliver = deliver;
  }

  /** Alerts live in its memory only, the log on its disk; a crash may cost that as well. */
  goAway(forgets: boolean): void {
    this.#life = undefined;
    for (const group of this.#groups.values()) group.cancel();
    this.#groups.clear();
    if (forgets) this.#log.clear();
  }

  comeBack(): void {
    this.#life ??= {};
  }

  /** From Prometheus. */
  take(alerts: readonly SentAlert[]): void {
    if (this.#life === undefined) return;
    for (const alert of alerts) {
      const group = this.#groupOf(alert.service);
      group.alerts.set(alert.fingerprint, alert);
      // It has waited elsewhere: before a restart, for the most part.
      if (!group.told && alert.startsAt + this.#paces.wait < this.#now) this.#tellAfter(0, group);
    }
  }

  get #now(): Instant {
    return START + this.#clock.monotonic();
  }

  #groupOf(service: string): Group {
    const known = this.#groups.get(service);
    if (known !== undefined) return known;
    const group: Group = { service, alerts: new Map(), told: false, cancel: () => undefined };
    this.#groups.set(service, group);
    this.#tellAfter(this.#paces.wait, group);
    return group;
  }

  #tellAfter(wait: Duration, group: Group): void {
    group.cancel();
    group.cancel = this.#clock.after(wait, () => void this.#flush(group));
  }

  async #flush(group: Group): Promise<void> {
    const life = this.#life;
    const began = this.#now;
    group.told = true;
    await this.#tell(group, began + Math.max(this.#paces.interval, PATIENCE));
    if (this.#life !== life) return;
    if (group.alerts.size === 0) this.#groups.delete(group.service);
    else this.#tellAfter(Math.max(0, began + this.#paces.interval - this.#now), group);
  }

  async #tell(group: Group, until: Instant): Promise<void> {
    const life = this.#life;
    const alerts = [...group.alerts.values()].map(alert => ({ ...alert, status: this.#statusOf(alert) }));
    const of = (status: ToldAlert['status']) =>
      new Set(alerts.filter(alert => alert.status === status).map(({ fingerprint }) => fingerprint));
    const entry = { firing: of('firing'), resolved: of('resolved'), at: this.#now };
    if (this.#isNews(group.service, entry)) {
      if (!(await this.#told(alerts, until)) || this.#life !== life) return;
      this.#log.set(group.service, entry);
    }
    for (const { fingerprint, startsAt, endsAt, status } of alerts) {
      const now = group.alerts.get(fingerprint);
      if (status === 'resolved' && now?.startsAt === startsAt && now.endsAt === endsAt)
        group.alerts.delete(fingerprint);
    }
  }

  #statusOf({ endsAt }: SentAlert): ToldAlert['status'] {
    return endsAt <= this.#now ? 'resolved' : 'firing';
  }

  #isNews(service: string, { firing, resolved, at }: Entry): boolean {
    const before = this.#log.get(service);
    if (before === undefined) return firing.size > 0;
    if (!firing.isSubsetOf(before.firing)) return true;
    if (firing.size === 0) return before.firing.size > 0;
    return !resolved.isSubsetOf(before.resolved) || before.at < at - this.#paces.repeat;
  }

  /** Tries until it arrives or there is no time left; then the next turn of the group tries again. */
  async #told(alerts: readonly ToldAlert[], until: Instant): Promise<boolean> {
    const life = this.#life;
    for (let wait = FIRST_RETRY; ; wait = Math.min(wait * RETRY_FACTOR, LAST_RETRY)) {
      const enough = this.#clock.sleep(until - this.#now).then(() => false);
      if (await Promise.race([this.#deliver(alerts), enough])) return true;
      if (this.#life !== life || this.#now + wait >= until) return false;
      await this.#clock.sleep(wait);
    }
  }
}
