import type { Duration } from '../../domain/time.ts';
import type { Docker } from './docker.ts';
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
    await change('stop', id, (it, abortSignal) => it.stop({ ...t, abortSignal }).catch(unlessAlreadySo), signal);
  },
  restart: async (id, timeout, signal) => {
    await change('restart', id, (it, abortSignal) => it.restart({ ...inSeconds(timeout), abortSignal }), signal);
  },
  rename: async (id, name, signal) => {
    await change('rename', id, (it, abortSignal) => it.rename({ name, abortSignal }), signal);
  },
  remove: async (id, signal, how) => {
    const v = how?.withVolumes ?? false;
    await ifThere(change('remove', id, (it, abortSignal) => it.remove({ force: true, v, abortSignal }), signal));
  },
});

/** 304: the container is in that state already. */
function unlessAlreadySo(rejection: { readonly statusCode?: number }): void {
  if (rejection.statusCode !== 304) throw rejection;
}

/** The engine takes whole seconds. Without a timeout it uses the container's own. */
const inSeconds = (timeout: Duration | undefined): { readonly t?: number } =>
  timeout === undefined ? {} : { t: Math.ceil(timeout / 1_000) };
