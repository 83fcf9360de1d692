import type { Duration } from '../../domain/time.ts';
import { type Docker, EngineError } from './docker.ts';
import { ifThere } from './reads.ts';
import type { Requests } from './requests.ts';

/** The part of `Docker` that changes a container as it stands. */
export const changesWith = ({
  change,
}: Requests): Pick<Docker, 'start' | 'stop' | 'restart' | 'rename' | 'remove'> => ({
  start: async (id, signal) => {
    await change('start', id, (it, abortSignal) => it.start({ abortSignal }).catch(unlessAlreadySo), signal);
  },
  stop: async (id, timeout, signal) => {
    const t = inSeconds(timeout);
    const stopped = change(
      'stop',
      id,
      (it, abortSignal) => it.stop({ ...t, abortSignal }).catch(unlessAlreadySo),
      signal,
    );
    await ifThere(stopped);
  },
  restart: async (id, timeout, signal) => {
    await change('restart', id, (it, abortSignal) => it.restart({ ...inSeconds(timeout), abortSignal }), signal);
  },
  rename: async (id, name, signal) => {
    await change('rename', id, (it, abortSignal) => it.rename({ name, abortSignal }), signal);
  },
  remove: async (id, signal, how) => {
    const v = how?.withVolumes ?? false;
    const removed = change('remove', id, (it, abortSignal) => it.remove({ force: true, v, abortSignal }), signal);
    await ifThere(removed).catch(unlessGoing);
  },
});

/** 304: the container is in that state already. */
function unlessAlreadySo(rejection: { readonly statusCode?: number }): void {
  if (rejection.statusCode !== 304) throw rejection;
}

/** Somebody else is removing it at this moment (moby daemon/delete.go, ContainerRm). */
function unlessGoing(error: unknown): void {
  if (!(error instanceof EngineError && error.code === 'conflict' && /removal .* in progress/.test(error.message)))
    throw error;
}

/** The engine takes whole seconds. Without a timeout it uses the container's own. */
const inSeconds = (timeout: Duration | undefined): { readonly t?: number } =>
  timeout === undefined ? {} : { t: Math.ceil(timeout / 1_000) };
