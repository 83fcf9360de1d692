import { type Docker, EngineError } from '../adapters/docker/docker.ts';

/** Of so many containers; the oldest is forgotten first. */
const REMEMBERED = 256;

/**
 * Why the engine refused to start a container. Of what it refuses before it tries (400: a folder to be mounted is not there) it keeps no
 * word with the container, as it does of a start that fails; without these words nobody could tell what is wrong with it.
 */
export class RefusedStarts {
  readonly #words = new Map<string, string>();

  /** The same engine, and what it answers to a start is remembered. */
  noted<Engine extends Pick<Docker, 'start'>>(engine: Engine): Engine {
    const start: Docker['start'] = async (id, signal) => {
      try {
        await engine.start(id, signal);
        this.#words.delete(id);
      } catch (error) {
        if (error instanceof EngineError && error.status === 400) this.#keep(id, error.message);
        throw error;
      }
    };
    return { ...engine, start };
  }

  /** The same engine, and whoever inspects a container that was refused is told so. */
  told<Engine extends Pick<Docker, 'inspect'>>(engine: Engine): Engine {
    const inspect: Docker['inspect'] = async (...asked) => {
      const replica = await engine.inspect(...asked);
      const error = replica && this.#words.get(replica.id);
      if (replica?.inspected === undefined || error === undefined) return replica;
      const { inspected } = replica;
      if (replica.state !== 'running')
        return { ...replica, inspected: { ...inspected, error: inspected.error || error } };
      this.#words.delete(replica.id);
      return replica;
    };
    return { ...engine, inspect };
  }

  #keep(id: string, message: string): void {
    this.#words.delete(id);
    this.#words.set(id, message.replace(/^.{0,200}?: the engine answered 400: /s, ''));
    if (this.#words.size > REMEMBERED) this.#words.delete(this.#words.keys().next().value as string);
  }
}
