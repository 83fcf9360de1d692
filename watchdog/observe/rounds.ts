import type { Clock } from '../adapters/clock.ts';
import type { Docker } from '../adapters/docker/docker.ts';
import type { Finding } from '../domain/finding.ts';
import type { Replica, ServiceRef } from '../domain/service.ts';
import { nameOf } from '../domain/service.ts';
import { type Duration, seconds } from '../domain/time.ts';
import { isWell } from '../domain/wellness.ts';
import { findingFromRound, findingOfOpenIncident } from './finding-from.ts';
import type { StackKeeper } from './stack-keeper.ts';

export interface RoundTools {
  readonly docker: Pick<Docker, 'list'>;
  readonly stack: StackKeeper;
  readonly project: string | undefined;
  readonly inScope: (project: string) => boolean;
  /** Services whose incident is open: looked at every round, so that a silent recovery closes it. */
  readonly openIncidents: () => readonly ServiceRef[];
  readonly emit: (finding: Finding) => void;
  /** The stack is as the list says, and nothing was judged by it yet. */
  readonly onListed: () => void;
  /** The list showed changes that no event had told of by the next round: the stream is deaf or lost some. */
  readonly onGap: (replicas: readonly Replica[]) => void;
  readonly clock: Clock;
}

/**
 * For so long after an event a list may still show what was before. Moby 20.10 tells of a death first, takes the container's network
 * down, and only then brings its lists up to date (daemon/monitor.go): 340 to 610 ms for six containers that were stopped at once.
 */
const LISTS_LAG: Duration = seconds(2);

/**
 * Makes rounds: one list call that catches what the events missed. A change that only the list shows may just be an event
 * still on its way, so it counts as a gap when no event has come by the following round.
 */
export class Rounds {
  readonly #tools: RoundTools;
  readonly #unexplained = new Map<string, string>();
  /** When an event told of each container, by the monotonic clock: what a list says of it soon after may be older than that. */
  readonly #toldAt = new Map<string, number>();
  #first = true;

  constructor(tools: RoundTools) {
    this.#tools = tools;
  }

  async make(signal?: AbortSignal): Promise<void> {
    const { docker, stack, project, inScope, clock } = this.#tools;
    const known = [...stack.ids()];
    const asked = clock.monotonic();
    for (const [id, at] of this.#toldAt) if (at < asked - LISTS_LAG) this.#toldAt.delete(id);
    const listed = (await docker.list(project, signal)).filter(replica => inScope(replica.project));
    const source = this.#first ? 'start' : 'rounds';
    const now = clock.now();
    const toLookAt = new Map<string, Replica>();
    const there = new Set(listed.map(({ id }) => id));
    // First, because who is gone makes those worth a look that lived in its network.
    for (const id of known) if (!there.has(id)) stack.remove(id);
    for (const replica of listed) {
      // The events before the first list wait until it is there, so nothing overtakes that one.
      if (!this.#first && this.#toldAt.has(replica.id)) continue;
      const before = stack.replica(replica.id);
      const after = stack.put(replica);
      const roundsRestarting = after.state === 'restarting' ? after.seen.roundsRestarting + 1 : 0;
      if (roundsRestarting !== after.seen.roundsRestarting) stack.mark(after.id, { roundsRestarting });
      const changed = before !== undefined && fingerprint(before) !== fingerprint(after);
      if (changed) this.#unexplained.set(after.id, fingerprint(after));
      if (changed || this.#worthALook(after)) toLookAt.set(nameOf(after), after);
    }
    this.#tools.onListed();
    for (const replica of toLookAt.values())
      if (!replica.oneOff) this.#tools.emit(findingFromRound(replica, source, now));
    for (const ref of this.#tools.openIncidents())
      if (!toLookAt.has(nameOf(ref))) this.#tools.emit(findingOfOpenIncident(ref, source, now));
    this.#first = false;
  }

  /** An event told of this container, so what a list showed of it is explained. */
  explained(containerId: string): void {
    this.#unexplained.delete(containerId);
    this.#toldAt.set(containerId, this.#tools.clock.monotonic());
  }

  /** To be asked shortly before each round: whether changes seen by the one before are still unexplained. */
  reportGaps(): void {
    const replicas = [...this.#unexplained.keys()].flatMap(id => this.#tools.stack.replica(id) ?? []);
    this.#unexplained.clear();
    if (replicas.length > 0) this.#tools.onGap(replicas);
  }

  #worthALook(replica: Replica): boolean {
    if (replica.state === 'paused' || replica.state === 'removing') return false;
    if (!isWell(replica) && replica.health !== 'starting') return true;
    // A parent that restarted where no event told of it is only seen by comparing start times: the list looks as before.
    return replica.networkParent !== undefined;
  }
}

const fingerprint = (replica: Replica): string => `${replica.state} ${replica.health}`;
