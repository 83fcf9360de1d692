import type { Clock } from '../../watchdog/adapters/clock.ts';
import { type Duration, type Instant, minutes, seconds } from '../../watchdog/domain/time.ts';
import { START } from '../fakes/fake-clock.ts';
import { PROJECT, type SimulatedEngine } from './simulated-engine.ts';

// As Prometheus does it: rules/alerting.go, rules/group.go (sendAlerts) and its defaults.

const EVALUATED_EVERY: Duration = seconds(30);
/** The rule's `for`. */
const FOR: Duration = minutes(1);
/** `--rules.alert.resend-delay`. */
const RESENT_AFTER: Duration = minutes(1);
/** What it sends counts as ended when nothing more comes for so long: four times the longer of the two above. */
const VALID_FOR: Duration = 4 * RESENT_AFTER;
/** So long the end of an alert is sent again and again (resolvedRetention). */
const END_SENT_FOR: Duration = minutes(15);

/** As it is sent to Alertmanager. */
export interface SentAlert {
  readonly fingerprint: string;
  readonly service: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly startsAt: Instant;
  readonly endsAt: Instant;
}

interface Watched {
  readonly since: Instant;
  readonly labels: Readonly<Record<string, string>>;
  readonly service: string;
  firedAt: Instant | undefined;
  endedAt: Instant | undefined;
  sentAt: Instant;
}

/** A Prometheus on another host, whose clock is right, with one rule for all services that have an alert. */
export class SimulatedPrometheus {
  readonly #clock: Clock;
  readonly #engine: SimulatedEngine;
  readonly #send: (alerts: readonly SentAlert[]) => void;
  readonly #watched = new Map<string, Watched>();

  constructor(clock: Clock, engine: SimulatedEngine, send: (alerts: readonly SentAlert[]) => void) {
    this.#clock = clock;
    this.#engine = engine;
    this.#send = send;
  }

  /** For ever. */
  start(): void {
    this.#clock.after(EVALUATED_EVERY, () => {
      this.#evaluate(START + this.#clock.monotonic());
      this.start();
    });
  }

  #evaluate(now: Instant): void {
    const erring = this.#erring();
    for (const [name, { service, labels }] of erring) {
      const known = this.#watched.get(name);
      if (known === undefined || known.endedAt !== undefined)
        this.#watched.set(name, { since: now, service, labels, firedAt: undefined, endedAt: undefined, sentAt: 0 });
      else if (now >= known.since + FOR) known.firedAt ??= now;
    }
    for (const [name, alert] of this.#watched) {
      if (erring.has(name)) continue;
      if (alert.firedAt === undefined || (alert.endedAt !== undefined && now > alert.endedAt + END_SENT_FOR))
        this.#watched.delete(name);
      else if (alert.endedAt === undefined) Object.assign(alert, { endedAt: now, sentAt: 0 });
    }
    const due = [...this.#watched].filter(
      ([, { firedAt, sentAt }]) => firedAt !== undefined && now >= sentAt + RESENT_AFTER,
    );
    for (const [, alert] of due) alert.sentAt = now;
    if (due.length > 0) this.#send(due.map(([name, alert]) => sent(name, alert, now)));
  }

  /** By program, whatever container runs it. */
  #erring(): ReadonlyMap<string, Pick<Watched, 'service' | 'labels'>> {
    const erring = this.#engine.containers.filter(
      one => one.runs && this.#engine.troubleOf(one)?.how === 'errs' && this.#engine.planOf(one).alert !== undefined,
    );
    return new Map(
      erring.map(container => {
        const { project, service, number } = container.making;
        const repair = this.#engine.planOf(container).alert ?? 'none';
        const labels = {
          alertname: 'WrongAnswers',
          auto_repair: 'true',
          repair: repair === 'nonsense' ? 'pray' : repair,
          project,
          service,
          container: `${PROJECT}-${service}-${number}`,
        };
        return [`${service}-${number}`, { service, labels }];
      }),
    );
  }
}

const sent = (name: string, { service, labels, firedAt = 0, endedAt }: Watched, now: Instant): SentAlert => ({
  fingerprint: Buffer.from(name).toString('hex'),
  service,
  labels,
  startsAt: firedAt,
  endsAt: endedAt ?? now + VALID_FOR,
});
