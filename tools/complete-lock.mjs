// Completes package-lock.json after `npm install` on a machine whose registry mirror serves only its own platform:
// `node tools/complete-lock.mjs`. npm then leaves the other platforms' optional packages out of the lock, and `npm ci`
// refuses such a lock on every machine ("Missing: … from lock file"). The entries need no integrity: a package
// for another platform is skipped, not fetched.
import { readFileSync, writeFileSync } from 'node:fs';

const path = new URL('../package-lock.json', import.meta.url);
const lock = JSON.parse(readFileSync(path, 'utf8'));
const platforms = [
  'aix',
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = ['arm64', 'arm', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];
const added = {};

for (const [place, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isLocked(place, name) || !/^\d/.test(version)) continue;
    const words = name.split(/[/-]/);
    const os = platforms.find(platform => words.includes(platform));
    const cpu = processors.find(processor => words.includes(processor));
    if (!os) continue;
    added[`node_modules/${name}`] = {
      version,
      ...(cpu ? { cpu: [cpu] } : {}),
      ...(parent.dev ? { dev: true } : {}),
      ...(words.some(word => word.startsWith('musl')) ? { libc: ['musl'] } : {}),
      optional: true,
      os: [os],
    };
  }
}

const { '': top, ...others } = { ...lock.packages, ...added };
const sorted = Object.entries(others).sort(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = { '': top, ...Object.fromEntries(sorted) };
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.log(`${Object.keys(added).length} packages of other platforms added to package-lock.json`);

function isLocked(place, name) {
  return `node_modules/${name}` in lock.packages || `${place}/node_modules/${name}` in lock.packages;
}
