import type { Docker } from '../../watchdog/adapters/docker/docker.ts';

/** The calls that change the engine. */
const CHANGES: readonly string[] = [
  'create',
  'start',
  'stop',
  'restart',
  'rename',
  'setRestartPolicy',
  'remove',
] satisfies (keyof Docker)[];

/** Where the watchdog dies: at which of its changes, and whether the engine still carried that one out. */
export interface Death {
  readonly at: number;
  readonly change: 'not sent' | 'carried out, answer never read';
}

/**
 * The engine as a watchdog uses it that dies at one of its changes: from then on it does nothing more. Wraps a fake engine as
 * well as a real one, so that both are held to the same rules.
 */
export function crashing(docker: Docker, death: Death): Docker {
  let changes = 0;
  let dead = false;
  const killed = () => new Error('the watchdog was killed');
  return new Proxy(docker, {
    get: (target, name: keyof Docker) => {
      const call = target[name] as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        if (dead) throw killed();
        if (CHANGES.includes(name)) changes += 1;
        dead = changes === death.at;
        if (!dead) return await call(...args);
        if (death.change !== 'not sent') await call(...args);
        throw killed();
      };
    },
  });
}
