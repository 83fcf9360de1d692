import type { Docker } from '../adapters/docker/docker.ts';
import type { Strategy } from '../domain/repair.ts';
import { type Duration, minutes } from '../domain/time.ts';
import { type ReplacingEngine, replacementOn } from './replacement.ts';

/** Some images are gigabytes. */
const PULL_TAKES: Duration = minutes(10);

/**
 * Fetches the image anew under the name by which the container knows it, and makes the container again of that: for whom a
 * mended release is the repair. A `recreate` is no upgrade, this may be one, so no built-in playbook has it. The container goes on while
 * the image is fetched, and is kept, with the image that it has, until the new one is proven.
 */
export function pullAndRecreate(docker: ReplacingEngine & Pick<Docker, 'pull' | 'howMade'>): Strategy {
  const { replace, confirm, undo, recover } = replacementOn(docker);
  return {
    name: 'pull-and-recreate',
    danger: 'service',
    summary:
      'fetches the newest image of that name and makes the container again of it; the old one is kept until then',
    takes: PULL_TAKES,
    apply: async work => {
      const { target, signal, journal } = work;
      const image = (await docker.howMade(target.id, signal))?.image;
      if (image === undefined) throw new Error(`${target.name} is gone`);
      if (image.startsWith('sha256:'))
        throw new Error(`${target.name} was made of an image without a name, of which there is no newer one: ${image}`);
      journal('pull', { image });
      await docker.pull(image, signal);
      return replace(work, { image: 'newest' });
    },
    confirm,
    undo,
    recover,
  };
}
