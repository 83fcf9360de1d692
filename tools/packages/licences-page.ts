import type { Locked } from './locked.ts';

/** `docs/licences.md`: what is shipped, by licence. */
export function licencesPage(shipped: readonly Locked[]): string {
  const known = new Map(shipped.map(({ name, version, licence }) => [`${name} ${version}`, licence ?? 'unknown']));
  const byLicence = Map.groupBy([...known].sort(byName), ([, licence]) => licence);
  const rows = [...byLicence].sort(byName).map(([licence, packages]) => {
    const names = packages.map(([name]) => `${name}`).join(', ');
    return `| ${licence} | ${packages.length} | ${names} |`;
  });
  return [
    '# Licences',
    '',
    'Compose Watchdog is under the [MIT license](../LICENSE). Its image holds these packages besides, each with the text of its',
    'licence in its folder under `/app/node_modules`, where its authors put one there. Written by `npm run licences` from',
    '`package-lock.json`; a test holds the two together. `npm run -s sbom` prints the same as a bill of materials in CycloneDX.',
    '',
    'The image also holds Node, tini and busybox, from the base image and its packages; the stack runs Prometheus, Alertmanager,',
    'Grafana and HAProxy from images of their own.',
    '',
    '| licence | packages | which |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
