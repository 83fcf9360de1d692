import { QUIET_AFTER, SEVERAL, type StandingError } from '../domain/error-book.ts';
import type { RecognisedError } from '../domain/log-error.ts';
import { nameOf, type ServiceRef } from '../domain/service.ts';
import type { Instant } from '../domain/time.ts';

export type Standing = Omit<StandingError, 'remedy'>;

/**
 * From when to when a repair was carried out: what was written before it tells nothing any more. Whoever ends within milliseconds
 * has written why before the engine has answered that it is started.
 */
export interface Afresh {
  readonly began: Instant;
  readonly acted: Instant;
}

/**
 * Which errors the logs tell of: one for each pattern and container, so that memory is bounded by containers times patterns, whatever
 * is written. Lost with the watchdog: what still matters is written again, or has made an incident.
 */
export class StandingErrors {
  /** By service, then by container and pattern: each may have a playbook of its own. */
  readonly #errors = new Map<string, Map<string, Standing>>();
  readonly #afresh = new Map<string, Afresh>();

  /** @param startedAt when the present life of a container began */
  of(ref: ServiceRef, startedAt: (containerId: string) => Instant | undefined): readonly Standing[] {
    const errors = [...(this.#errors.get(nameOf(ref))?.values() ?? [])];
    const afresh = this.#afresh.get(nameOf(ref));
    if (afresh === undefined) return errors;
    const { began, acted } = afresh;
    return errors.filter(({ containerId, lastAt }) => lastAt >= acted || (startedAt(containerId) ?? 0) >= began);
  }

  /**
   * @param masked the error and the record that told of it; only asked for where it is the first of its pattern: a loop may write
   * thousands in a second
   * @returns whether this changes what it means: the first of its pattern, or one that makes it several
   */
  note(
    ref: ServiceRef,
    containerId: string,
    { pattern }: RecognisedError,
    at: Instant,
    masked: () => Pick<Standing, 'error' | 'sample'>,
  ): boolean {
    const service = nameOf(ref);
    if (at < (this.#afresh.get(service)?.began ?? 0)) return false;
    const errors = this.#errors.get(service) ?? new Map<string, Standing>();
    this.#errors.set(service, errors);
    const key = `${containerId} ${pattern}`;
    const before = errors.get(key);
    if (before === undefined) {
      errors.set(key, { containerId, firstAt: at, lastAt: at, count: 1, ...masked() });
      return true;
    }
    const count = before.count + 1;
    errors.set(key, { ...before, lastAt: Math.max(before.lastAt, at), count });
    return count === SEVERAL;
  }

  /** The service was repaired: only what is written from now on counts, and what a life that the repair began has written. */
  beginAfresh(ref: ServiceRef, repair: Afresh): void {
    const errors = this.#errors.get(nameOf(ref));
    for (const [key, { lastAt }] of errors ?? []) if (lastAt < repair.began) errors?.delete(key);
    this.#afresh.set(nameOf(ref), repair);
  }

  /** A person says that it is over. */
  resolve(ref: ServiceRef, pattern: string): void {
    const errors = this.#errors.get(nameOf(ref));
    for (const [key, { error }] of errors ?? []) if (error.pattern === pattern) errors?.delete(key);
  }

  /**
   * Forgets what was not written for so long that it is over.
   * @param silent containers that write nothing because they do not run: their silence says nothing
   * @returns the services concerned
   */
  forgetQuiet(now: Instant, silent: (containerId: string) => boolean): readonly ServiceRef[] {
    const concerned: ServiceRef[] = [];
    for (const [name, errors] of this.#errors) {
      const before = errors.size;
      for (const [key, { lastAt, containerId }] of errors)
        if (now - lastAt >= QUIET_AFTER && !silent(containerId)) errors.delete(key);
      if (errors.size < before) concerned.push(refOf(name));
      if (errors.size === 0) this.#errors.delete(name);
    }
    for (const [name, { acted }] of this.#afresh) if (now - acted >= QUIET_AFTER) this.#afresh.delete(name);
    return concerned;
  }
}

/** Neither name can hold a slash. */
function refOf(name: string): ServiceRef {
  const [project = '', service = ''] = name.split('/');
  return { project, service };
}
