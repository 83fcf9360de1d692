import type { Docker, EngineEvent } from '../adapters/docker/docker.ts';

type Maker = Pick<Docker, 'create' | 'remove'>;

/** As many as events that the engine itself remembers (`eventsLimit` in moby's daemon/events): none older comes late. */
const REMEMBERED = 256;

/**
 * The containers that we made and removed ourselves. The engine's answer to a call may overtake the event of the deed: by the time
 * that the event comes the repair may be over, and what we did would pass for a person's deploy.
 */
export class Deeds {
  readonly #kept = new Set<string>();

  /** The same engine, and whatever is made and removed there is remembered. */
  noted<Engine extends Maker>(engine: Engine): Engine {
    return {
      ...engine,
      create: async (...asked: Parameters<Maker['create']>) => {
        const id = await engine.create(...asked);
        this.#keep(deedOf('create', id));
        return id;
      },
      remove: async (...asked: Parameters<Maker['remove']>) => {
        // Before the call, because it may do what it never answers.
        this.#keep(deedOf('destroy', asked[0]));
        await engine.remove(...asked);
      },
    };
  }

  /** Whether the event tells of a container that we made or removed. */
  isOurs({ action, containerId }: Pick<EngineEvent, 'action' | 'containerId'>): boolean {
    return this.#kept.has(deedOf(action, containerId));
  }

  #keep(deed: string): void {
    this.#kept.add(deed);
    if (this.#kept.size > REMEMBERED) this.#kept.delete(this.#kept.keys().next().value as string);
  }
}

const deedOf = (action: EngineEvent['action'], containerId: string): string => `${action} ${containerId}`;
