import { nameOf, type ServiceRef } from '../domain/service.ts';

type Labels = Readonly<Record<string, string>>;

interface Read<T> {
  readonly name: string;
  readonly basis: readonly unknown[];
  readonly said: T;
}

/**
 * Reads labels once: the labels of a container never change, and they are asked about several times a round. What was read holds
 * for the very object that was read (the stack keeps it while it says the same), and as long as all of `basis`, by identity, is
 * what it was: settings and playbooks are replaced as a whole when they are read anew.
 *
 * @param read what the labels of that service say; has to depend on nothing but these and the basis
 */
export function readOnce<T>(
  basis: () => readonly unknown[],
  read: (ref: ServiceRef, labels: Labels) => T,
): (ref: ServiceRef, labels: Labels) => T {
  const known = new WeakMap<Labels, Read<T>>();
  return (ref, labels) => {
    const now = basis();
    const name = nameOf(ref);
    const before = known.get(labels);
    if (before?.name === name && before.basis.every((part, at) => part === now[at])) return before.said;
    const said = read(ref, labels);
    known.set(labels, { name, basis: now, said });
    return said;
  };
}
