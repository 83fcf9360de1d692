import type { Clock } from '../adapters/clock.ts';
import { type Docker, EngineError, type Resources } from '../adapters/docker/docker.ts';
import type { Logger } from '../adapters/logger.ts';
import type { Service, ServiceRef } from '../domain/service.ts';
import type { Throttled, ThrottleMemory } from '../domain/throttled.ts';
import type { Duration } from '../domain/time.ts';

export interface ThrottlesTools {
  readonly docker: Pick<Docker, 'resources' | 'update'>;
  readonly throttles: ThrottleMemory;
  readonly stack: { service(ref: ServiceRef): Service | undefined };
  readonly interval: Duration;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
}

/** Gives back to throttled containers what they may use, once their time is over: also what an earlier watchdog took. */
export class Throttles {
  readonly #tools: ThrottlesTools;

  constructor(tools: ThrottlesTools) {
    this.#tools = tools;
  }

  /** Looks once an interval until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, interval } = this.#tools;
    while (!signal.aborted) {
      await clock.sleep(interval, signal).catch(() => undefined);
      if (!signal.aborted) await this.release(signal);
    }
  }

  /** Never rejects: what cannot be given back now is tried again. */
  async release(signal: AbortSignal): Promise<void> {
    const { throttles, clock, logger } = this.#tools;
    try {
      for (const throttled of throttles.throttles())
        if (throttled.until <= clock.now()) await this.#giveBack(throttled, signal);
    } catch (error) {
      if (!signal.aborted) logger.warn('a throttled container cannot be given back its CPU', { error: String(error) });
    }
  }

  async #giveBack(throttled: Throttled, signal: AbortSignal): Promise<void> {
    const { docker, throttles, logger } = this.#tools;
    const { containerId, project, service, before } = throttled;
    const id = await this.#heirOf(throttled, signal);
    try {
      if (id !== undefined) await docker.update(id, before, signal);
    } catch (error) {
      if (!(error instanceof EngineError) || error.code !== 'not-found') throw error;
    }
    throttles.forgetThrottle(containerId);
    logger.info('throttle is over', { service: `${project}/${service}`, container: id ?? 'gone' });
  }

  /** The container itself, or the one that was made from it, limits and all. Whoever has other limits by now was given them. */
  async #heirOf({ containerId, number, after, ...ref }: Throttled, signal: AbortSignal): Promise<string | undefined> {
    const { docker, stack } = this.#tools;
    const heirs = stack.service(ref)?.replicas.filter(replica => replica.number === number) ?? [];
    for (const id of [containerId, ...heirs.map(heir => heir.id)]) {
      const resources = await docker.resources(id, signal);
      if (resources !== undefined && hasStill(after, resources)) return id;
    }
    return undefined;
  }
}

const hasStill = (after: Throttled['after'], resources: Resources): boolean =>
  Object.entries(after).every(([name, value]) => resources[name as keyof typeof after] === value);
