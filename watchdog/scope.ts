import type { Clock } from './adapters/clock.ts';
import type { Docker } from './adapters/docker/docker.ts';
import type { Logger } from './adapters/logger.ts';
import { ownContainerId } from './adapters/own-container.ts';
import type { Settings } from './config/settings.ts';
import type { Scope } from './domain/decision.ts';
import { seconds } from './domain/time.ts';

/**
 * The engine may still be starting, or be away: without it nobody can tell which project is ours.
 * @throws the signal's reason, or what it cut short
 */
export async function findScope(
  settings: Pick<Settings, 'projects'>,
  read: Pick<Docker, 'inspect'>,
  clock: Pick<Clock, 'sleep'>,
  logger: Logger,
  signal: AbortSignal,
): Promise<Scope> {
  for (let told = false; ; told = true) {
    try {
      return await scopeFrom(settings, read, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!told) logger.error('the engine does not answer; trying again every two seconds', { error: String(error) });
    }
    await clock.sleep(seconds(2), signal);
  }
}

/** Throws `EngineError` where the engine has to be asked. */
export async function scopeFrom(
  { projects }: Pick<Settings, 'projects'>,
  read: Pick<Docker, 'inspect'>,
  signal?: AbortSignal,
): Promise<Scope> {
  const selfId = ownContainerId();
  if (projects !== 'own') return { projects, selfId };
  const self = selfId === undefined ? undefined : await read.inspect(selfId, signal);
  // On the host, or started by a plain `docker run`: there is no project of its own.
  return { projects: self === undefined ? '*' : [self.project], selfId };
}
