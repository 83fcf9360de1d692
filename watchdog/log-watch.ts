import type { Clock } from './adapters/clock.ts';
import type { Logger } from './adapters/logger.ts';
import { hasFallen } from './diagnose/erred.ts';
import { errorFolds, foldKey } from './diagnose/log-errors/error-folds.ts';
import { lineJoiner } from './diagnose/log-errors/join-lines.ts';
import { type Recogniser, recogniserFor } from './diagnose/log-errors/recognise.ts';
import { type Condition, conditionOf } from './domain/condition.ts';
import type { Scope } from './domain/decision.ts';
import type { ErrorBook, Remedy, StandingError } from './domain/error-book.ts';
import type { Finding } from './domain/finding.ts';
import type { LiveEvent, LogViewing } from './domain/live-log.ts';
import { maskedError } from './domain/masked-error.ts';
import type { Playbook } from './domain/playbook.ts';
import type { Policy } from './domain/policy.ts';
import type { ErrorRecord } from './domain/records.ts';
import { type Inspected, isWatchdog, type Replica, type ServiceRef } from './domain/service.ts';
import type { Duration, Instant } from './domain/time.ts';
import { isWell } from './domain/wellness.ts';
import type { LogSources } from './log-sources.ts';
import { LiveLogs } from './observe/live-logs.ts';
import { type FollowedReplica, LogFollower } from './observe/log-follower.ts';
import { LogSensor } from './observe/log-sensor.ts';
import type { StackKeeper } from './observe/stack-keeper.ts';
import { type Standing, StandingErrors } from './observe/standing-errors.ts';

export interface LogWatchParts {
  /** Undefined: nobody reads logs. */
  readonly logs: LogSources | undefined;
  readonly stack: StackKeeper;
  readonly policyOf: (ref: ServiceRef, labels: Readonly<Record<string, string>>) => Policy;
  readonly playbookFor: (policy: Policy, condition: Condition, pattern: string) => Playbook | undefined;
  readonly scope: Pick<Scope, 'selfId'>;
  readonly emit: (finding: Finding) => void;
  /** Resolves when all containers are known, or the signal fires. */
  readonly looked: (signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Each log that is followed costs a connection to the engine, and the engine a reader of the file. */
const MOST_FOLLOWED = 1_000;
/** A deploy makes and removes containers one after the other. */
const SOON: Duration = 20;
const LONGEST_SAMPLE = 500;
/** The engine tells a kill by the kernel for memory in a field of its own (Engine API, ContainerState). */
const OOM_KILLED = 'OOMKilled: true';
/** The engine ends the stream of a container within milliseconds after its end. */
const LAST_WORDS_WITHIN: Duration = 100;

/** Joins what reads logs, what makes sense of them, and what is kept of it. */
export class LogWatch implements ErrorBook {
  readonly #parts: LogWatchParts;
  readonly #book = new StandingErrors();
  readonly #engineWords = new WeakMap<Inspected, Pick<Standing, 'error' | 'sample'> | false>();
  /** Whether the logs of a container are wanted; its labels never change. */
  readonly #wanted = new Map<string, boolean>();
  readonly #live: LiveLogs;
  #recogniser: Recogniser | undefined;
  #sensor: LogSensor | undefined;
  #follower: LogFollower | undefined;
  #attending = false;
  #tooMany = false;

  constructor(parts: LogWatchParts) {
    this.#parts = parts;
    this.#live = new LiveLogs(parts.clock);
    parts.stack.onLives = () => this.#changed();
  }

  standing(ref: ServiceRef): readonly StandingError[] {
    const { stack, policyOf, playbookFor } = this.#parts;
    const startedAt = (id: string) => stack.replica(id)?.inspected?.startedAt;
    const standing = [...this.#book.of(ref, startedAt), ...this.#saidByEngine(ref)];
    if (standing.length === 0) return [];
    const policy = policyOf(ref, stack.service(ref)?.replicas[0]?.labels ?? {});
    return standing.map(each => {
      const { type, pattern } = each.error;
      return { ...each, remedy: remedyOf(playbookFor(policy, conditionOf(type), pattern)) };
    });
  }

  /** The service was repaired, since then: only what its log says from now on counts, and what a life begun by it has said. */
  beginAfresh(ref: ServiceRef, began: Instant): void {
    this.#book.beginAfresh(ref, { began, acted: this.#parts.clock.now() });
  }

  /**
   * Waits a moment for the last words of what does not run: the engine tells of an end as soon as it hands on what was written
   * before. Must not fail, nor hold up anybody for long.
   */
  async heard(ref: ServiceRef): Promise<void> {
    const { stack, clock } = this.#parts;
    const ended = (stack.service(ref)?.replicas ?? []).filter(({ state }) => state !== 'running' && state !== 'paused');
    if (this.#follower === undefined || ended.length === 0) return;
    const enough = new AbortController();
    const late = clock.sleep(LAST_WORDS_WITHIN, enough.signal).catch(() => undefined);
    await Promise.race([late, Promise.all(ended.map(({ id }) => this.#follower?.lastWords(id)))]);
    enough.abort();
    for (const { id } of ended) this.#sensor?.lookNow(id);
  }

  /** A person says that this error is over. Throws `LedgerError`. @returns undefined where there is none of this id */
  resolve(id: string): ErrorRecord | undefined {
    const error = this.#parts.logs?.ledger.resolveError(id, this.#parts.clock.now());
    if (error !== undefined) this.#book.resolve(error, error.pattern);
    return error;
  }

  /** Shows somebody what the container of this name writes from now on. The listener must neither throw nor wait. */
  watchLog(container: string, listener: (event: LiveEvent) => void): LogViewing {
    const { stack } = this.#parts;
    const replica = [...stack.services()].flatMap(({ replicas }) => replicas).find(({ name }) => name === container);
    if (replica === undefined)
      return { verdict: 'unknown', containers: [...this.#replicas()].map(({ name }) => name).sort() };
    const because = this.#whyUnread(replica);
    if (because !== undefined) return { verdict: 'unread', because };
    const { project, service } = replica;
    return { verdict: 'watching', project, service, end: this.#live.watch(container, listener) };
  }

  /** Patterns and policies may have changed. */
  reload(): void {
    const { logs } = this.#parts;
    if (logs === undefined || this.#recogniser === undefined) return;
    this.#recogniser = recogniserFor(logs.patterns());
    this.#wanted.clear();
    this.#changed();
  }

  /** Follows logs once the containers are known, until the signal fires. Reading logs may fail; the watchdog goes on without. */
  async run(signal: AbortSignal): Promise<void> {
    const { logs, looked, logger } = this.#parts;
    if (logs === undefined) return;
    try {
      await looked(signal);
      if (!signal.aborted) await this.#follow(logs, signal);
    } catch (error) {
      logger.error('logs are not read any more', { error: String(error) });
    }
  }

  async #follow(logs: LogSources, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#parts;
    // A second of work without a pause would keep waiting what the first look has found.
    const patterns = logs.patterns();
    await clock.sleep(0);
    this.#recogniser = recogniserFor(patterns);
    await clock.sleep(0);
    const sensor = this.#makeSensor(logs);
    this.#sensor = sensor;
    this.#follower = new LogFollower({
      logs: logs.logs,
      clock,
      logger,
      positions: {
        of: id => logs.ledger.logPosition(id),
        keep: positions => logs.ledger.keepLogs({ positions, errors: sensor.collect(signal.aborted) }, clock.now()),
      },
      onLines: (replica, lines) => {
        this.#live.take(replica, lines);
        sensor.take(replica, lines);
      },
      onMissed: (replica, why, lines) => this.#missed(logs, replica, why, lines),
      onLeft: replica => {
        sensor.left(replica);
        this.#live.left(replica);
      },
    });
    this.#attend();
    await this.#follower.run(signal);
  }

  /** Containers came, went, began or ended. */
  #changed(): void {
    if (this.#follower === undefined || this.#attending) return;
    this.#attending = true;
    this.#parts.clock.after(SOON, () => {
      this.#attending = false;
      this.#attend();
    });
  }

  #makeSensor({ ledger, counts }: LogSources): LogSensor {
    const { stack, emit, clock } = this.#parts;
    const seen = ledger.seenPatterns().map(({ pattern, ...ref }) => foldKey(ref, pattern));
    return new LogSensor({
      join: lineJoiner,
      recognise: (record, writer) => this.#recogniser?.recognise(record, writer),
      folds: errorFolds(seen),
      book: this.#book,
      counts,
      onError: (replica, error, record) => this.#live.recognised(replica, error, record),
      isWell: id => {
        const replica = stack.replica(id);
        return replica !== undefined && isWell(replica);
      },
      hasFallen: id => {
        const replica = stack.replica(id);
        return replica !== undefined && hasFallen(replica);
      },
      emit,
      clock,
    });
  }

  #missed({ counts }: LogSources, replica: FollowedReplica, why: string, lines: number | undefined): void {
    counts.gap(replica, lines);
    this.#parts.logger.warn('a part of a log was left out', {
      container: replica.name,
      why: why === 'too-old' ? 'it is too old' : 'it is written faster than it can be read',
      ...(lines !== undefined && { lines }),
    });
  }

  #attend(): void {
    const wanted = [...this.#replicas()];
    const present = new Set(wanted.map(({ id }) => id));
    for (const id of this.#wanted.keys()) if (!present.has(id)) this.#wanted.delete(id);
    if (wanted.length > MOST_FOLLOWED && !this.#tooMany)
      this.#parts.logger.warn('not all logs are followed: there are too many containers', {
        containers: wanted.length,
        followed: MOST_FOLLOWED,
      });
    this.#tooMany = wanted.length > MOST_FOLLOWED;
    this.#follower?.attend(wanted.slice(0, MOST_FOLLOWED));
  }

  /** Never a watchdog's own: what it says about errors would be errors again. */
  *#replicas(): Iterable<Replica> {
    const { stack, scope } = this.#parts;
    for (const { replicas } of stack.services())
      for (const replica of replicas)
        if (replica.id !== scope.selfId && !isWatchdog(replica) && this.#isWanted(replica)) yield replica;
  }

  #whyUnread(replica: Replica): string | undefined {
    if (this.#follower === undefined) return 'logs are not read yet, or not any more';
    if (replica.id === this.#parts.scope.selfId || isWatchdog(replica)) return 'the log of a watchdog is not read';
    if (!this.#isWanted(replica)) return 'its log is left unread: follow_logs is false for its service';
    if (this.#follower.cannotRead(replica.id)) return "its container's logging driver keeps nothing that could be read";
    return undefined;
  }

  #isWanted(replica: Replica): boolean {
    const known = this.#wanted.get(replica.id);
    if (known !== undefined) return known;
    const { followLogs } = this.#parts.policyOf(replica, replica.labels);
    this.#wanted.set(replica.id, followLogs);
    return followLogs;
  }

  /** Who could not be started, or was killed by the kernel for its memory, wrote no log of it; why, the engine says. */
  *#saidByEngine(ref: ServiceRef): Iterable<Standing> {
    const { stack, clock } = this.#parts;
    for (const replica of stack.service(ref)?.replicas ?? []) {
      const { id, state, inspected, createdAt } = replica;
      if (inspected === undefined || state === 'running') continue;
      const said = this.#wordsOf(inspected, replica);
      if (said !== undefined) yield { containerId: id, firstAt: createdAt, lastAt: clock.now(), count: 1, ...said };
    }
  }

  #wordsOf(inspected: Inspected, replica: Replica): Pick<Standing, 'error' | 'sample'> | undefined {
    const known = this.#engineWords.get(inspected);
    if (known !== undefined) return known || undefined;
    if (this.#recogniser === undefined) return undefined;
    const words = inspected.error || (inspected.oomKilled ? OOM_KILLED : '');
    const error = words === '' ? undefined : this.#recogniser.recognise(words, replica);
    const said = error && maskedError(error, words, LONGEST_SAMPLE);
    this.#engineWords.set(inspected, said ?? false);
    return said;
  }
}

function remedyOf(playbook: Playbook | undefined): Remedy {
  if (playbook === undefined) return 'none';
  if (playbook.patience !== undefined) return 'patience';
  if (playbook.ladder.length === 0) return 'people';
  return playbook.evenIfWell ? 'even-if-well' : 'if-ill';
}
