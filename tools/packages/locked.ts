import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One package of package-lock.json (version 3, https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json). */
export interface Locked {
  /** `node_modules/express`; the same package can lie in several places. */
  readonly place: string;
  readonly name: string;
  readonly version: string;
  /** An SPDX expression; undefined where the package does not say it. */
  readonly licence: string | undefined;
  /** Subresource Integrity, as npm checks it when it installs; undefined for what belongs to other platforms. */
  readonly integrity: string | undefined;
  readonly optional: boolean;
  /** The places of what it needs, as Node finds them from here. */
  readonly needs: readonly string[];
}

/** One entry of the lock, as far as it is read here. */
export interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lock {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

export const readLock = (root: string): Lock => JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));

/** What the image holds: everything that is locked and not for development alone, by place. */
export function shippedPackages({ packages }: Lock): readonly Locked[] {
  return Object.entries(packages)
    .filter(([place, { dev }]) => place !== '' && dev !== true)
    .map(([place, entry]) => ({
      place,
      name: nameOf(place),
      version: entry.version ?? '',
      licence: entry.license ?? OLD_WAY[nameOf(place)],
      integrity: entry.integrity,
      optional: entry.optional === true,
      needs: needsOf(place, entry, packages),
    }));
}

/** They say it in the way of old, as the list `licenses` of their package.json, which npm does not put into the lock. */
export const OLD_WAY: Readonly<Record<string, string>> = { buildcheck: 'MIT', 'cpu-features': 'MIT', ssh2: 'MIT' };

const nameOf = (place: string): string => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** What the package in this place needs; `''` is the product itself. */
export const needsOf = (place: string, entry: LockEntry, packages: Lock['packages']): readonly string[] =>
  Object.keys({ ...entry.dependencies, ...entry.optionalDependencies }).flatMap(
    name => foundFrom(place, name, packages) ?? [],
  );

/** Node's way: beside the package, then above it (https://nodejs.org/api/modules.html#loading-from-node_modules-folders). */
function foundFrom(place: string, name: string, packages: Lock['packages']): string | undefined {
  const inside = `${place === '' ? '' : `${place}/`}node_modules/${name}`;
  if (packages[inside] !== undefined) return inside;
  if (place === '') return undefined;
  return foundFrom(place.slice(0, Math.max(0, place.lastIndexOf('/node_modules/'))), name, packages);
}
