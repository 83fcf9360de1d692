import type { Lock, Locked } from './locked.ts';
import { needsOf } from './locked.ts';

/** CycloneDX 1.6, as far as it is written here (https://cyclonedx.org/docs/1.6/json/). */
export interface BillOfMaterials {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly type: 'application' | 'library';
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly scope?: 'required' | 'optional';
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
  readonly licenses?: readonly ({ readonly license: { readonly id: string } } | { readonly expression: string })[];
  readonly purl: string;
}

/**
 * All that is shipped beside our own code, out of the lock. Without a time and a serial number, both optional: the same lock gives
 * the same bill. A package that lies in several places in one version is one component.
 */
export function billOfMaterials(
  product: { readonly name: string; readonly version: string; readonly license: string },
  lock: Lock,
  shipped: readonly Locked[],
): BillOfMaterials {
  const refs = new Map(shipped.map(each => [each.place, purlOf(each)]));
  const refsOf = (places: readonly string[]) => [...new Set(places.flatMap(place => refs.get(place) ?? []))].sort();
  const self: Component = {
    type: 'application',
    'bom-ref': purlOf(product),
    name: product.name,
    version: product.version,
    licenses: [{ license: { id: product.license } }],
    purl: purlOf(product),
  };
  const byRef = Map.groupBy(shipped, purlOf);
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: self },
    components: [...byRef.values()].map(componentOf).sort((a, b) => (a['bom-ref'] < b['bom-ref'] ? -1 : 1)),
    dependencies: [
      { ref: self['bom-ref'], dependsOn: refsOf(needsOf('', lock.packages[''] ?? {}, lock.packages)) },
      ...[...byRef].map(([ref, places]) => ({ ref, dependsOn: refsOf(places.flatMap(({ needs }) => needs)) })),
    ],
  };
}

/** https://github.com/package-url/purl-spec, type npm: the scope's `@` is percent-encoded. */
export const purlOf = ({ name, version }: { readonly name: string; readonly version: string }): string =>
  `pkg:npm/${name.replace('@', '%40')}@${version}`;

function componentOf(places: readonly Locked[]): Component {
  const { name, version, licence, integrity } = places[0] as Locked;
  const [group, bare] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return {
    type: 'library',
    'bom-ref': purlOf({ name, version }),
    ...(group !== undefined && { group }),
    name: bare ?? name,
    version,
    scope: places.every(({ optional }) => optional) ? 'optional' : 'required',
    ...(integrity !== undefined && { hashes: [hashFrom(integrity)] }),
    ...(licence !== undefined && {
      licenses: [/^[\w.+-]+$/.test(licence) ? { license: { id: licence } } : { expression: licence }],
    }),
    purl: purlOf({ name, version }),
  };
}

/** `sha512-…` in base64 is SHA-512 in hexadecimal there. */
function hashFrom(integrity: string): { alg: string; content: string } {
  const [algorithm = '', base64 = ''] = (integrity.split(' ')[0] ?? '').split(/-(.*)/);
  return {
    alg: algorithm.toUpperCase().replace('SHA', 'SHA-'),
    content: Buffer.from(base64, 'base64').toString('hex'),
  };
}
