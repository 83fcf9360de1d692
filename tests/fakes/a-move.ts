import type { JournalStep, Move, Moved, Order, ServiceStrategy } from '../../watchdog/domain/repair.ts';
import type { Replica, Service } from '../../watchdog/domain/service.ts';
import { anOrder } from './a-service.ts';

const forever = new AbortController().signal;

/** What a service looks like with these containers. */
export const serviceOf = (replicas: readonly Replica[]): Service => ({
  project: replicas[0]?.project ?? 'shop',
  service: replicas[0]?.service ?? 'web',
  replicas: [...replicas].sort((a, b) => a.number - b.number),
  dependencies: [],
});

/** One move as it was carried out: its steps, and what came of it or went wrong. */
export interface Made {
  readonly container: string;
  readonly steps: readonly JournalStep[];
  readonly moved: Moved | undefined;
  readonly error: Error | undefined;
}

/** Carries out all that brings the service to that size, side by side, as the road does; proves and undoes nothing. */
export async function makeMoves(
  strategy: ServiceStrategy,
  service: Service,
  replicas: number,
  order: Partial<Order> = {},
): Promise<readonly Made[]> {
  const { project, service: name } = service;
  const full = anOrder({ project, service: name, strategy: 'scale', targets: [], with: { replicas }, ...order });
  const moves = await strategy.moves(full, service, forever);
  return await Promise.all(moves.map(move => make(move, full)));
}

async function make(move: Move, order: Order): Promise<Made> {
  const steps: JournalStep[] = [];
  // Through JSON, as the ledger keeps it.
  const journal = (step: string, data: JournalStep['data']) =>
    void steps.push({ step, at: 0, data: JSON.parse(JSON.stringify(data)) });
  const work = { order, journal, signal: forever, aside: <T>(wait: () => Promise<T>) => wait() };
  return await move.apply(work).then(
    moved => ({ container: move.container, steps, moved, error: undefined }),
    (error: Error) => ({ container: move.container, steps, moved: undefined, error }),
  );
}
