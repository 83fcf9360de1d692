import type { Clock } from '../adapters/clock.ts';
import type { EngineEvent } from '../adapters/docker/docker.ts';
import type { Notices } from '../adapters/notices.ts';
import type { Finding } from '../domain/finding.ts';
import type { ServiceRef } from '../domain/service.ts';
import { findingForChild, findingFrom } from './finding-from.ts';
import type { StackKeeper } from './stack-keeper.ts';

export interface IntakeTools {
  readonly stack: StackKeeper;
  readonly notices: Notices;
  readonly inScope: (project: string) => boolean;
  /** The engine was carrying out an order of ours there. */
  readonly isOurs: (event: EngineEvent) => boolean;
  /** A container of ours sits out its stop grace, or has ended: what the host-wide limit counts. */
  readonly slots: { waiting(containerId: string): void; working(containerId: string): void };
  /** A person's stop outlives the watchdog. */
  readonly stops: {
    rememberStop(containerId: string, ref: ServiceRef, at: number): void;
    forgetStop(containerId: string): void;
  };
  /** The engine told of an out-of-memory kill; it is counted, because a container that the engine restarts is well again before anybody looks. */
  readonly onOom: (ref: ServiceRef) => void;
  readonly emit: (finding: Finding) => void;
  readonly clock: Pick<Clock, 'now'>;
}

/** What is done with each event of the engine: the stack moves on, those who wait are woken, and what is worth a look is found. */
export function takeIn(event: EngineEvent, tools: IntakeTools): void {
  const { stack, notices, slots, clock, emit } = tools;
  if (!tools.inScope(event.project)) return;
  const ours = tools.isOurs(event);
  if (event.action === 'kill' && ours) slots.waiting(event.containerId);
  if (event.action === 'die') slots.working(event.containerId);
  if (event.action === 'oom') tools.onOom(event);
  const byHandBefore = stack.replica(event.containerId)?.seen.stoppedByHandAt;
  stack.apply(event, ours);
  notices.announce(event.containerId);
  const finding = findingFrom(event, clock.now());
  if (finding !== undefined) emit(finding);
  if (event.action === 'start')
    for (const child of stack.strandedBy(event)) emit(findingForChild(child, event, clock.now()));
  remember(event, byHandBefore, tools);
}

function remember(event: EngineEvent, byHandBefore: number | undefined, { stack, stops }: IntakeTools): void {
  const byHand = stack.replica(event.containerId)?.seen.stoppedByHandAt;
  if (byHand === byHandBefore) return;
  if (byHand === undefined) stops.forgetStop(event.containerId);
  else stops.rememberStop(event.containerId, event, byHand);
}
