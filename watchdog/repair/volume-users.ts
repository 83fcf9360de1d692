import type { Docker } from '../adapters/docker/docker.ts';
import type { Replica } from '../domain/service.ts';

/** Somebody else who writes there meanwhile would make a mixture of both, and may need it as it is. */
export async function refuseOtherUsers(
  docker: Pick<Docker, 'usersOf'>,
  volume: string,
  { id }: Pick<Replica, 'id'>,
  signal: AbortSignal,
): Promise<void> {
  const others = (await docker.usersOf(volume, signal)).filter(user => user.running && user.id !== id);
  if (others.length > 0)
    throw new Error(`the volume ${volume} is in use by ${others.map(({ name }) => name).join(', ')}; stop them first`);
}
