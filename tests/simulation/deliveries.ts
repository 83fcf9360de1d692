import type { Clock } from '../../watchdog/adapters/clock.ts';
import { type Duration, type Instant, seconds } from '../../watchdog/domain/time.ts';
import { aDelivery, anAlertBody } from '../fakes/a-delivery.ts';
import type { ToldAlert } from './alertmanager.ts';
import type { Lives } from './lives.ts';
import type { Weather } from './weather.ts';

/** What was taken just now may still be on its way through the watchdog. */
const DIGESTED_WITHIN: Duration = seconds(10);

/** The last word about an alert that the watchdog has said to have taken. */
export interface Word extends Pick<ToldAlert, 'fingerprint' | 'service' | 'status' | 'startsAt'> {
  /** When the watchdog was first told so, on the monotonic clock. */
  readonly at: Duration;
}

/** Alertmanager's deliveries on their way to the webhook, and an account of what was taken of them. */
export class Deliveries {
  readonly #clock: Clock;
  readonly #weather: Weather;
  readonly #lives: Pick<Lives, 'deliver'>;
  readonly #words = new Map<string, Word>();
  /** Beginnings of which nobody knows whether they were taken, the newest of each alert. */
  readonly #unsure = new Map<string, Instant>();

  constructor(clock: Clock, weather: Weather, lives: Pick<Lives, 'deliver'>) {
    this.#clock = clock;
    this.#weather = weather;
    this.#lives = lives;
  }

  /** @returns whether its sender was told that it was taken. */
  readonly deliver = (alerts: readonly ToldAlert[]): Promise<boolean> =>
    this.#weather.post(() => {
      try {
        this.#lives.deliver(bodyOf(alerts));
      } catch (error) {
        for (const { fingerprint, status, startsAt } of alerts)
          if (status === 'firing') this.#unsure.set(fingerprint, startsAt);
        throw error;
      }
      for (const alert of alerts) this.#note(alert);
    });

  get words(): Iterable<Word> {
    return this.#words.values();
  }

  /** By all that the watchdog has taken an alert about it may fire. */
  mayFire(service: string): boolean {
    const words = [...this.#words.values()].filter(word => word.service === service);
    return (
      words.length === 0 ||
      words.some(
        ({ fingerprint, status, startsAt, at }) =>
          status === 'firing' ||
          this.#clock.monotonic() < at + DIGESTED_WITHIN ||
          (this.#unsure.get(fingerprint) ?? 0) > startsAt,
      )
    );
  }

  /** Deliveries overtake each other: of one beginning its end is the last word. */
  #note({ fingerprint, service, status, startsAt }: ToldAlert): void {
    const before = this.#words.get(fingerprint);
    const isNewer =
      before === undefined ||
      startsAt > before.startsAt ||
      (startsAt === before.startsAt && status === 'resolved' && before.status === 'firing');
    if (isNewer) this.#words.set(fingerprint, { fingerprint, service, status, startsAt, at: this.#clock.monotonic() });
  }
}

const NOT_ENDED = '0001-01-01T00:00:00Z';

const bodyOf = (alerts: readonly ToldAlert[]): Buffer =>
  Buffer.from(
    JSON.stringify(
      aDelivery(
        alerts.map(({ fingerprint, status, labels, startsAt, endsAt }) =>
          anAlertBody({
            fingerprint,
            status,
            labels,
            startsAt: new Date(startsAt).toISOString(),
            endsAt: status === 'resolved' ? new Date(endsAt).toISOString() : NOT_ENDED,
          }),
        ),
      ),
    ),
  );
