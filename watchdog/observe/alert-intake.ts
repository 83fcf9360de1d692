import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import type { Logger } from '../adapters/logger.ts';
import type { Alert } from '../domain/alert.ts';
import type { Refusal } from '../domain/decision.ts';
import { type Finding, HOST } from '../domain/finding.ts';
import { labelOf, type ReceivedAlert } from '../domain/received-alert.ts';
import { nameOf, type ServiceRef } from '../domain/service.ts';
import { type Duration, type Instant, seconds } from '../domain/time.ts';
import { directoryOf } from './directory.ts';
import { type Abilities, alertName, type JudgedAlert, judgeAlert } from './judge-alert.ts';
import { learnAliases } from './learn-aliases.ts';
import { paced } from './paced.ts';
import type { StackKeeper } from './stack-keeper.ts';

/** The ledger's alerts, as far as they are read here. */
export interface AlertQueue {
  waiting(limit: number): readonly { readonly id: number; readonly alert: ReceivedAlert }[];
  done(alerts: readonly { readonly id: number; readonly alert: Alert | undefined }[]): void;
  entry(fingerprint: string): Alert | undefined;
  firingServices(): readonly ServiceRef[];
  lapse(now: Instant): readonly Alert[];
}

export interface AlertIntakeTools {
  readonly queue: AlertQueue;
  /** The book has changed. */
  readonly changed: () => void;
  /** Rounds look at these anyway: they have an open incident. */
  readonly openIncidents: () => readonly ServiceRef[];
  readonly stack: StackKeeper;
  readonly docker: Pick<Docker, 'inspect'>;
  readonly abilities: () => Abilities;
  readonly emit: (finding: Finding) => void;
  /** The decision about an alert that does not go on the road. */
  readonly decided: (
    finding: Finding,
    decision: Refusal | { readonly verdict: 'nothing-wrong'; readonly because: string },
  ) => void;
  readonly refused: (alert: ReceivedAlert, code: string) => void;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly logger: Logger;
}

/** So many are judged before others have their turn, a few milliseconds of work. */
const BATCH = 100;

/** Between two batches. In a storm more come meanwhile, and share the next one's transaction. */
const BREATH: Duration = 20;

/** Between two looks at one service. In a storm of alerts about fifty services the looks would take all the time there is. */
const GAP: Duration = seconds(1);

/** When the ledger did not answer. */
const TRY_AGAIN_AFTER: Duration = seconds(5);

/**
 * Takes what waits in the queue, finds out what each alert is about, and puts it on the road. The book knows an alert in the
 * same transaction in which it stops waiting, and each round leads to every service about which something fires: a watchdog
 * that is killed at any instant loses no alert, and the ledger's attempts keep the next one from repairing twice.
 */
export class AlertIntake {
  readonly #tools: AlertIntakeTools;
  #attending = false;
  #again = false;
  #stackKnown = false;

  constructor(tools: AlertIntakeTools) {
    this.#tools = { ...tools, emit: paced(tools.emit, GAP, tools.clock) };
  }

  /** Something waits. Before the first round every service would be unknown, so it waits until then. */
  wake(): void {
    if (!this.#stackKnown) return;
    this.#again = true;
    if (!this.#attending) void this.#attend();
  }

  /** After each round: what nobody tells of any more fires no more, what fires gets a look, and what waits is attended to. */
  round(): void {
    const { queue, clock, logger, openIncidents, emit } = this.#tools;
    this.#stackKnown = true;
    try {
      const now = clock.now();
      for (const alert of queue.lapse(now)) this.#lapsed(alert, now);
      this.#tools.changed();
      const lookedAt = new Set(openIncidents().map(nameOf));
      for (const ref of queue.firingServices()) if (!lookedAt.has(nameOf(ref))) emit(stillFiring(ref, now));
    } catch (error) {
      logger.error('alerts could not be looked through', { error: String(error) });
    }
    this.wake();
  }

  async #attend(): Promise<void> {
    const { queue, clock, logger } = this.#tools;
    this.#attending = true;
    try {
      while (this.#again) {
        this.#again = false;
        const batch = queue.waiting(BATCH);
        if (batch.length === 0) continue;
        if (batch.length === BATCH) this.#again = true;
        await this.#attendTo(batch);
        await new Promise<void>(resolve => clock.after(BREATH, resolve));
      }
    } catch (error) {
      logger.error('alerts that wait could not be attended to', { error: String(error) });
      clock.after(TRY_AGAIN_AFTER, () => this.wake());
    }
    this.#attending = false;
  }

  async #attendTo(batch: ReturnType<AlertQueue['waiting']>): Promise<void> {
    const { queue, stack, docker, emit } = this.#tools;
    let judged = this.#judge(batch);
    if (judged.some(({ alert, verdict }) => 'refusal' in verdict && labelOf(alert, 'instance') !== undefined)) {
      if (await learnAliases(stack, docker)) judged = this.#judge(batch);
    }
    for (const { alert, verdict } of judged) if ('refusal' in verdict) this.#refuse(alert, verdict);
    queue.done(judged.map(({ id, verdict }) => ({ id, alert: 'alert' in verdict ? verdict.alert : undefined })));
    this.#tools.changed();
    for (const { alert, verdict } of judged) if ('alert' in verdict) emit(this.#finding(alert, verdict.alert));
  }

  #judge(batch: ReturnType<AlertQueue['waiting']>) {
    const { stack, queue, abilities } = this.#tools;
    const directory = directoryOf(stack);
    const able = abilities();
    return batch.map(({ id, alert }) => ({
      id,
      alert,
      verdict: ended(alert, queue) ?? judgeAlert(alert, directory, able),
    }));
  }

  #refuse(alert: ReceivedAlert, { refusal, because }: Extract<JudgedAlert, { readonly refusal: unknown }>): void {
    const objection = { code: refusal, because, until: undefined, tell: false };
    this.#tools.refused(alert, refusal);
    this.#tools.decided(this.#findingAbout({ project: HOST, service: `alert ${alertName(alert)}` }, alert), {
      verdict: 'stand-back',
      order: undefined,
      objection,
    });
  }

  #lapsed(alert: Alert, now: Instant): void {
    const { decided, emit } = this.#tools;
    const finding: Finding = {
      kind: 'alert',
      target: alert.target,
      source: 'rounds',
      at: now,
      seenAt: now,
      evidence: { alert: alert.name, status: 'lapsed' },
    };
    const because = `${alert.name} has not been told of for too long, and counts as firing no more`;
    decided(finding, { verdict: 'nothing-wrong', because });
    // Another finding: what comes of the look is a decision of its own.
    emit({ ...finding });
  }

  #finding(alert: ReceivedAlert, { target, foundBy }: Alert): Finding {
    const finding = this.#findingAbout(target, alert);
    return { ...finding, evidence: { ...finding.evidence, foundBy } };
  }

  #findingAbout(target: Finding['target'], alert: ReceivedAlert): Finding {
    const now = this.#tools.clock.now();
    return {
      kind: 'alert',
      target,
      source: alert.source,
      at: alert.status === 'firing' ? alert.startsAt : (alert.endsAt ?? now),
      seenAt: now,
      evidence: { alert: alertName(alert), status: alert.status },
    };
  }
}

const stillFiring = (target: ServiceRef, now: Instant): Finding => ({
  kind: 'alert',
  target,
  source: 'rounds',
  at: now,
  seenAt: now,
  evidence: { status: 'firing' },
});

/** The end is about whatever its beginning was about, also when its container is gone by now. */
function ended(received: ReceivedAlert, queue: Pick<AlertQueue, 'entry'>): JudgedAlert | undefined {
  const begun = received.status === 'resolved' ? queue.entry(received.fingerprint) : undefined;
  return begun && { alert: { ...begun, status: 'resolved', startsAt: received.startsAt } };
}
