import type { QueryNumber } from '../adapters/prometheus-query.ts';
import type { ListLength } from '../adapters/redis-list.ts';
import type { MetricSource, Reading, Scaling } from '../domain/scaling.ts';
import { nameOf, type ServiceRef } from '../domain/service.ts';

export interface MetricReaderTools {
  readonly listLength: ListLength;
  /** Undefined while no Prometheus is known. Asked afresh each time, so that a reload holds at once. */
  readonly query: () => QueryNumber | undefined;
}

/**
 * Reads what lies outside the containers: queues and queries. Counts how often in a row each failed; what the containers
 * themselves use is in the stack already (`diagnose/scaling/load-of.ts`).
 */
export class MetricReader {
  readonly #tools: MetricReaderTools;
  readonly #failures = new Map<string, number>();

  constructor(tools: MetricReaderTools) {
    this.#tools = tools;
  }

  /** One reading for each metric, in their order; undefined for those of the containers. Never rejects. */
  read(ref: ServiceRef, { metrics }: Scaling, signal?: AbortSignal): Promise<readonly (Reading | undefined)[]> {
    return Promise.all(metrics.map(({ source }, at) => this.#reading(`${nameOf(ref)} ${at}`, source, signal)));
  }

  async #reading(key: string, source: MetricSource, signal: AbortSignal | undefined): Promise<Reading | undefined> {
    if (source.kind === 'cpu' || source.kind === 'memory') return undefined;
    try {
      const value = await (source.kind === 'queue'
        ? this.#tools.listLength(source.queue, signal)
        : this.#worth(source.query, signal));
      this.#failures.delete(key);
      return { kind: 'number', value };
    } catch (error) {
      const inARow = (this.#failures.get(key) ?? 0) + 1;
      this.#failures.set(key, inARow);
      return { kind: 'failed', because: error instanceof Error ? error.message : String(error), inARow };
    }
  }

  async #worth(promql: string, signal: AbortSignal | undefined): Promise<number> {
    const query = this.#tools.query();
    if (query === undefined) throw new Error('PROMETHEUS_URL is not set');
    return query(promql, signal);
  }
}
