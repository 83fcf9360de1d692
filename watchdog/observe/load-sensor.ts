import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import type { Logger } from '../adapters/logger.ts';
import { type Finding, followUp } from '../domain/finding.ts';
import { type HowMade, makingOf, type Surroundings } from '../domain/making.ts';
import type { Scaling } from '../domain/scaling.ts';
import type { Replica, Service, ServiceRef } from '../domain/service.ts';
import type { LoadReading } from '../domain/size.ts';
import type { Stack } from '../domain/stack.ts';
import type { Duration } from '../domain/time.ts';
import { awaitedIn } from '../domain/wellness.ts';
import type { MetricReader } from './metric-reader.ts';
import { readEvery } from './read-every.ts';

export interface LoadTools {
  readonly stack: Stack;
  /** What the size of the service follows; undefined where nobody asked for it, which is most of them. */
  readonly scalingOf: (service: Service) => Scaling | undefined;
  readonly reader: Pick<MetricReader, 'read'>;
  readonly docker: Pick<Docker, 'howMade'>;
  readonly selfId: string | undefined;
  /** Takes in what was read. @returns whether it is worth a look */
  readonly weigh: (service: Service, reading: LoadReading) => boolean;
  /** All that are scaled, at the end of each pass; what was weighed is remembered then. */
  readonly passed: (services: readonly ServiceRef[]) => void;
  /** `SCALER_INTERVAL`. */
  readonly interval: () => Duration;
  readonly emit: (finding: Finding) => void;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
  readonly logger: Pick<Logger, 'error' | 'debug'>;
}

/** Questions at once: a Redis or Prometheus that does not answer is waited for by a few services, not by all. */
const AT_ONCE = 16;

/**
 * Reads the load of every service that is scaled, once an interval: queues and queries from outside, what containers use from
 * the stack. How a service is made is asked of the engine once for each first container.
 */
export class LoadSensor {
  readonly #tools: LoadTools;
  /** By the id of the container. */
  readonly #made = new Map<string, HowMade>();

  constructor(tools: LoadTools) {
    this.#tools = tools;
  }

  /** Reads until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, interval } = this.#tools;
    await readEvery(interval, () => this.read(signal), { clock, signal });
  }

  /** Reads every service once. Never rejects. */
  async read(signal?: AbortSignal): Promise<void> {
    const { stack, scalingOf } = this.#tools;
    const due = [...stack.services()].flatMap(service => {
      const scaling = scalingOf(service);
      return scaling === undefined ? [] : [{ service, scaling }];
    });
    this.#forgetOthers(due.map(({ service }) => service));
    const surroundings = this.#surroundings();
    const next = due.values();
    const worker = async () => {
      for (const { service, scaling } of next) {
        if (signal?.aborted) return;
        await this.#readOne(service, scaling, surroundings, signal);
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, due.length) }, worker));
    if (!signal?.aborted) this.#passed(due.map(({ service }) => service));
  }

  #passed(services: readonly ServiceRef[]): void {
    try {
      this.#tools.passed(services);
    } catch (error) {
      this.#tools.logger.error('the loads of services could not be remembered', { error: String(error) });
    }
  }

  /** Found once for each project in a pass: for each service it would grow with the square of their number. */
  #surroundings(): (project: string) => Surroundings {
    const { stack, selfId } = this.#tools;
    const known = new Map<string, Surroundings>();
    return name => {
      const found = known.get(name);
      if (found !== undefined) return found;
      const project = [...stack.services(name)];
      const surroundings = { stack, project, awaited: awaitedIn(project), selfId };
      known.set(name, surroundings);
      return surroundings;
    };
  }

  async #readOne(
    ref: ServiceRef,
    scaling: Scaling,
    surroundings: (project: string) => Surroundings,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { stack, reader, weigh, emit, clock, logger } = this.#tools;
    try {
      const [elsewhere, made] = await Promise.all([reader.read(ref, scaling, signal), this.#howMade(ref, signal)]);
      // Asking took a while: what counts is who stands there now.
      const service = stack.service(ref);
      if (service === undefined || signal?.aborted) return;
      const at = clock.now();
      const making = made && makingOf(service, made, surroundings(ref.project));
      if (weigh(service, { at, scaling, elsewhere, making }))
        emit({ ...followUp('load', service, at), source: 'load' });
    } catch (error) {
      if (!signal?.aborted) logger.error('the load of a service could not be weighed', { error: String(error) });
    }
  }

  async #howMade(ref: ServiceRef, signal: AbortSignal | undefined): Promise<HowMade | undefined> {
    const first = this.#tools.stack.service(ref)?.replicas[0];
    if (first === undefined) return undefined;
    const made = this.#made.get(first.id) ?? (await this.#ask(first, signal));
    if (made !== undefined) this.#made.set(first.id, made);
    return made;
  }

  /** An engine that is away is noticed by others. */
  async #ask({ id, name }: Replica, signal: AbortSignal | undefined): Promise<HowMade | undefined> {
    const { docker, logger } = this.#tools;
    return await docker.howMade(id, signal).catch((error: unknown) => {
      logger.debug('the engine does not tell how a container was made', { container: name, error: String(error) });
      return undefined;
    });
  }

  #forgetOthers(services: readonly Service[]): void {
    const present = new Set(services.flatMap(({ replicas }) => replicas.map(({ id }) => id)));
    for (const id of this.#made.keys()) if (!present.has(id)) this.#made.delete(id);
  }
}
