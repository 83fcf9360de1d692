import { request } from 'node:http';
import { ENGINE_SOCKET } from './engine.ts';

/** An event as an independent reader of the engine saw it. */
export interface Seen {
  readonly id: string;
  /** `die`, `start`, `health_status: unhealthy`. */
  readonly action: string;
  /** The engine's own time, milliseconds since the epoch with fractions. */
  readonly at: number;
}

/** Reads the engine's events of one Compose project beside the healer that is measured. */
export class Observer {
  readonly events: Seen[] = [];
  readonly #stop: () => void;

  private constructor(stop: () => void) {
    this.#stop = stop;
  }

  static watch(project: string): Promise<Observer> {
    const filters = {
      type: ['container'],
      event: ['die', 'start', 'health_status'],
      label: [`com.docker.compose.project=${project}`],
    };
    const path = `/events?filters=${encodeURIComponent(JSON.stringify(filters))}`;
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: ENGINE_SOCKET, path }, answer => {
        const observer = new Observer(() => asked.destroy());
        let rest = '';
        answer.setEncoding('utf8');
        answer.on('data', (text: string) => {
          const lines = (rest + text).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) observer.#note(line);
        });
        answer.on('error', () => undefined);
        resolve(observer);
      });
      asked.on('error', reject);
      asked.end();
    });
  }

  /** The first event with one of these actions since then. */
  first(id: string, actions: readonly string[], since: number): Seen | undefined {
    return this.events.find(event => event.id === id && event.at >= since && actions.includes(event.action));
  }

  close(): void {
    this.#stop();
  }

  #note(line: string): void {
    if (line.trim() === '') return;
    const { Action, Actor, timeNano } = JSON.parse(line) as {
      Action: string;
      Actor: { ID: string };
      timeNano: number;
    };
    this.events.push({ id: Actor.ID, action: Action, at: timeNano / 1_000_000 });
  }
}
