import type { EngineEvent, EventOptions } from '../../watchdog/adapters/docker/docker.ts';
import type { FakeContainer } from './fake-container.ts';

/** Events the engine remembers and replays after `since` (moby daemon/events, eventsLimit). */
const REMEMBERED = 256;

/** What a fake engine tells, in the order in which it happened, and to whom. */
export class FakeEvents {
  readonly #now: () => number;
  readonly #streams = new Set<{ take(event: EngineEvent): void; end(): void; deaf: boolean }>();
  readonly #remembered: EngineEvent[] = [];
  #told = 0;
  /** Hears of everything as it happens, however it fares on its way. */
  onTold: (event: EngineEvent) => void = () => undefined;
  /** How an event gets to those who listen; a test may lose it, double it, hold it up. */
  onTheWay: (event: EngineEvent, arrive: () => void) => void = (_, arrive) => arrive();

  constructor(now: () => number) {
    this.#now = now;
  }

  tell(
    action: EngineEvent['action'],
    { id, name, making }: FakeContainer,
    more: Partial<Pick<EngineEvent, 'exitCode' | 'signal' | 'health'>> = {},
  ): void {
    const at = this.#now();
    const event: EngineEvent = {
      action,
      containerId: id,
      name,
      project: making.project,
      service: making.service,
      number: making.number,
      oneOff: making.oneOff,
      at,
      identity: `${at} ${++this.#told} ${id} ${action}`,
      exitCode: undefined,
      signal: undefined,
      health: undefined,
      ...more,
    };
    this.#remembered.push(event);
    if (this.#remembered.length > REMEMBERED) this.#remembered.shift();
    this.onTold(event);
    for (const stream of this.#streams)
      this.onTheWay(event, () => {
        if (!stream.deaf) stream.take(event);
      });
  }

  /** From `since` on, as far as that is remembered, until the signal fires or the connection breaks. */
  async *subscribe({ project, since, onOpen, signal }: EventOptions): AsyncGenerator<EngineEvent> {
    const waiting = since === undefined ? [] : this.#remembered.filter(event => event.at >= since);
    let open = true;
    let wake = () => undefined as unknown;
    const stream = {
      deaf: false,
      take: (event: EngineEvent) => {
        if (project !== undefined && event.project !== project) return;
        waiting.push(event);
        wake();
      },
      end: () => {
        open = false;
        wake();
      },
    };
    this.#streams.add(stream);
    signal.addEventListener('abort', stream.end, { once: true });
    onOpen();
    try {
      while (open || waiting.length > 0) {
        const event = waiting.shift();
        if (event !== undefined) yield event;
        else
          await new Promise(resolve => {
            wake = () => resolve(undefined);
          });
      }
    } finally {
      this.#streams.delete(stream);
    }
  }

  /** All that is remembered, and whether nothing was let go of. */
  get memory(): { readonly events: readonly EngineEvent[]; readonly isWhole: boolean } {
    return { events: [...this.#remembered], isWhole: this.#remembered.length < REMEMBERED };
  }

  /** Every connection stays open and says nothing any more; those opened from now on do. */
  deafen(): void {
    for (const stream of this.#streams) stream.deaf = true;
  }

  /** What is replayed after `since` is lost, as after a restart of the daemon. */
  forget(): void {
    this.#remembered.length = 0;
  }

  /** Every connection breaks. */
  cut(): void {
    for (const stream of [...this.#streams]) stream.end();
  }
}
