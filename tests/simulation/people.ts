import type { EngineEvent } from '../../watchdog/adapters/docker/docker.ts';
import type { Duration } from '../../watchdog/domain/time.ts';

interface Held {
  /** Undefined: everything. */
  readonly service: string | undefined;
}

/** What people have done and still stand by. */
export class People {
  readonly #pauses = new Set<Held>();
  readonly #stopped = new Map<string, Duration>();
  readonly #frozen = new Map<string, Duration>();
  readonly #deploys = new Set<string>();
  readonly #at = new Map<string, Duration>();

  pauses(service: string | undefined): void {
    this.#pauses.add({ service });
  }

  /** Ends whatever pauses there are of it. */
  resumes(service: string | undefined): void {
    for (const held of this.#pauses) if (held.service === service) this.#pauses.delete(held);
  }

  /** @returns ends it */
  deploy(service: string): () => void {
    this.#deploys.add(service);
    return () => this.#deploys.delete(service);
  }

  /** They made or removed containers of it. */
  changed(service: string, now: Duration): void {
    this.#at.set(service, now);
  }

  stopped(containerId: string, now: Duration): void {
    this.#stopped.set(containerId, now);
  }

  frozen(containerId: string, now: Duration): void {
    this.#frozen.set(containerId, now);
  }

  /** Whoever starts it, or takes it away, ends what was. */
  sees({ action, containerId }: EngineEvent): void {
    if (action === 'start' || action === 'destroy') this.#stopped.delete(containerId);
    if (action === 'unpause' || action === 'die' || action === 'destroy') this.#frozen.delete(containerId);
  }

  isPaused(service: string): boolean {
    return [...this.#pauses].some(held => held.service === undefined || held.service === service);
  }

  stoppedSince(containerId: string): Duration | undefined {
    return this.#stopped.get(containerId);
  }

  frozenSince(containerId: string): Duration | undefined {
    return this.#frozen.get(containerId);
  }

  changedAt(service: string): Duration | undefined {
    return this.#at.get(service);
  }

  deploys(service: string): boolean {
    return this.#deploys.has(service);
  }
}
