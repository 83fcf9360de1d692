import type { Clock } from '../adapters/clock.ts';
import { type Docker, EngineError, type Resources, type Stats } from '../adapters/docker/docker.ts';
import type { Logger } from '../adapters/logger.ts';
import type { Finding } from '../domain/finding.ts';
import type { Sample } from '../domain/sample.ts';
import type { Replica } from '../domain/service.ts';
import type { Duration } from '../domain/time.ts';
import { sampleFrom } from './sample-from.ts';
import type { StackKeeper } from './stack-keeper.ts';

export interface SamplerTools {
  readonly docker: Pick<Docker, 'stats' | 'resources'>;
  readonly stack: Pick<StackKeeper, 'services' | 'replica' | 'addSample' | 'sampledEvery'>;
  readonly interval: Duration;
  /** Whether a sample with such figures is worth a look; so is the first one after it that is not. */
  readonly tooMuch: (sample: Sample) => boolean;
  readonly emit: (finding: Finding) => void;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'debug'>;
}

/** Requests at once: they are short, and the engine has other things to do. */
const AT_ONCE = 4;

/** On average not closer together than this: a sample costs the engine some 5 ms of CPU, so never more than a tenth of a core. */
const APART: Duration = 50;

/** What a container may use changes seldom, and asking for it costs as much as asking what it uses. */
const SAMPLES_PER_ALLOWANCE = 20;

/** What is remembered of a container from one sample to the next. */
interface Known {
  stats: Stats | undefined;
  resources: Resources;
  age: number;
  tooMuch: boolean;
}

interface Due {
  readonly id: string;
  /** Where in the interval its turn is, in [0, 1). */
  readonly moment: number;
}

/**
 * Measures every running container once an interval. Each has its own moment in the interval, by its id, so that the engine
 * is asked evenly and the samples of a container are an interval apart. What is slow delays the others, and makes nothing
 * pile up: a pass that takes longer than the interval is followed by the next one, not joined by it. Above 600 containers (at
 * 30 s) the interval grows with their number.
 */
export class ResourceSampler {
  readonly #tools: SamplerTools;
  readonly #known = new Map<string, Known>();
  #refused = false;

  constructor(tools: SamplerTools) {
    this.#tools = tools;
  }

  /** Samples until the signal fires. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#tools;
    while (!signal.aborted) {
      const began = clock.monotonic();
      const due = this.#running();
      const length = Math.max(this.#tools.interval, due.length * APART);
      this.#tools.stack.sampledEvery = length;
      await this.#pass(due, began, length, signal);
      const left = began + length - clock.monotonic();
      await clock.sleep(Math.max(left, 0), signal).catch(() => undefined);
    }
  }

  async #pass(due: readonly Due[], began: number, length: Duration, signal: AbortSignal): Promise<void> {
    const { clock } = this.#tools;
    const underWay = new Set<Promise<void>>();
    for (const { id, moment } of due) {
      const wait = Math.round(began + moment * length - clock.monotonic());
      if (wait > 0) await clock.sleep(wait, signal).catch(() => undefined);
      if (underWay.size >= AT_ONCE) await Promise.race(underWay);
      if (signal.aborted) break;
      const one = this.#sample(id, signal).finally(() => underWay.delete(one));
      underWay.add(one);
    }
    await Promise.all(underWay);
  }

  /** In the order of their moments. Forgets those that are gone. */
  #running(): readonly Due[] {
    const running = [...this.#tools.stack.services()].flatMap(({ replicas }) => replicas.filter(runs));
    const ids = new Set(running.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id);
    return running.map(({ id }) => ({ id, moment: momentOf(id) })).sort((a, b) => a.moment - b.moment);
  }

  /** Never rejects: the next interval asks again, and an engine that is away is seen by others. */
  async #sample(id: string, signal: AbortSignal): Promise<void> {
    const { stack, logger } = this.#tools;
    const replica = stack.replica(id);
    // It may have ended while it waited for its moment.
    if (replica === undefined || !runs(replica)) return;
    try {
      await this.#measure(replica, signal);
    } catch (error) {
      if (signal.aborted) return;
      const refused = error instanceof EngineError && error.code === 'refused';
      if (refused && !this.#refused) logger.warn('the engine refuses to measure containers', { error: error.message });
      else logger.debug('a container could not be measured', { container: replica.name, error: String(error) });
      this.#refused ||= refused;
    }
  }

  async #measure(replica: Replica, signal: AbortSignal): Promise<void> {
    const { docker, stack, clock, tooMuch, emit } = this.#tools;
    // Another life, or other limits: what was known is void.
    if (replica.samples.length === 0) this.#known.delete(replica.id);
    const known = await this.#knownOf(replica.id, signal);
    if (known === undefined) return;
    const stats = await docker.stats(replica.id, signal);
    if (stats === undefined) return;
    const sample = sampleFrom(stats, known.stats, known.resources, clock.now());
    const worthALook = tooMuch(sample);
    stack.addSample(replica.id, sample);
    if (worthALook || known.tooMuch) emit(findingFrom(replica, sample));
    Object.assign(known, { stats, tooMuch: worthALook });
  }

  async #knownOf(id: string, signal: AbortSignal): Promise<Known | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined && known.age < SAMPLES_PER_ALLOWANCE) {
      known.age += 1;
      return known;
    }
    const resources = await this.#tools.docker.resources(id, signal);
    if (resources === undefined) return undefined;
    const fresh = { stats: known?.stats, resources, age: 1, tooMuch: known?.tooMuch ?? false };
    this.#known.set(id, fresh);
    return fresh;
  }
}

const runs = ({ state }: Replica): boolean => state === 'running';

/** The same in each interval, and spread over all ids (FNV-1a, 32 bit). */
function momentOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return (hash >>> 0) / 2 ** 32;
}

const findingFrom = ({ project, service, id }: Replica, sample: Sample): Finding => ({
  kind: 'measured',
  target: { project, service, containerId: id },
  source: 'samples',
  at: sample.at,
  seenAt: sample.at,
  evidence: {
    memory: rounded(sample.memory),
    ...(sample.cpu === undefined ? {} : { cpu: rounded(sample.cpu) }),
    ...(sample.networkErrors === undefined ? {} : { networkErrors: rounded(sample.networkErrors) }),
  },
});

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;
