import { EngineError } from '../adapters/docker/docker.ts';

/** In the words of the kernel and of the engine's own book of ports. */
const TAKEN = /address already in use|port is already allocated/i;

/** The engine refused to start a container because somebody has a port of the host. */
export const isPortTaken = (error: unknown): error is EngineError =>
  error instanceof EngineError && TAKEN.test(error.message);

/**
 * Which of the ports that a container asks for the engine says is taken; undefined where it says so of none. Each version has
 * words of its own (`0.0.0.0:8080 failed`, `listen tcp4 0.0.0.0:8080: bind`, `for 0.0.0.0:8080:172.18.0.2:80/tcp`), and all of them name
 * the port of the host behind an address and before anything of the container.
 */
export function portTaken(error: unknown, asked: readonly number[]): number | undefined {
  if (!isPortTaken(error)) return undefined;
  const numbers = [...error.message.matchAll(/:(\d{1,5})(?!\d)/g)].map(([, port]) => Number(port));
  return numbers.find(port => asked.includes(port));
}
