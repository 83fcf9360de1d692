import type { EngineError } from '../../watchdog/adapters/docker/docker.ts';
import type { FollowOptions, LogLine, Logs } from '../../watchdog/adapters/docker/logs.ts';

/** How a container's log is read at one time: what is sent, and how it ends. */
export interface Reading {
  readonly options: FollowOptions;
  send(...lines: readonly LogLine[]): void;
  /** The engine ends the stream, or breaks it. */
  end(error?: EngineError): void;
}

/** Logs that say what a test says. Each call of `follow` is a reading that stays open until the test or the signal ends it. */
export class FakeLogs implements Logs {
  readonly readings: Reading[] = [];
  #refusal: EngineError | undefined;

  /** From now on the engine refuses. */
  refuse(error: EngineError | undefined): void {
    this.#refusal = error;
  }

  async *follow(options: FollowOptions): AsyncGenerator<readonly LogLine[]> {
    if (this.#refusal !== undefined) throw this.#refusal;
    const waiting: (readonly LogLine[])[] = [];
    let over: { readonly error: EngineError | undefined } | undefined;
    let wake = () => {};
    this.readings.push({
      options,
      send: (...lines) => {
        waiting.push(lines);
        wake();
      },
      end: error => {
        over = { error };
        wake();
      },
    });
    options.signal.addEventListener('abort', () => {
      over = { error: undefined };
      wake();
    });
    while (true) {
      for (let lines = waiting.shift(); lines !== undefined; lines = waiting.shift()) yield lines;
      if (over?.error !== undefined) throw over.error;
      if (over !== undefined) return;
      await new Promise<void>(resolve => {
        wake = resolve;
      });
    }
  }
}
