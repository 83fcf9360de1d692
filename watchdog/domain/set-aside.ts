import type { Replica } from './service.ts';

/**
 * What a container is called that was taken out of another one's way: stopped, kept as it is, and nobody's replica any more. Its
 * labels cannot be changed, so its name tells it, for people too; with its own id in it, no name that somebody gives means that.
 */
export const asideNameOf = ({ id, name }: Pick<Replica, 'id' | 'name'>): string => name + endingOf(id);

export const isSetAside = ({ id, name }: Pick<Replica, 'id' | 'name'>): boolean => name.endsWith(endingOf(id));

const endingOf = (id: string): string => `_set_aside_${id.slice(0, 12)}`;
