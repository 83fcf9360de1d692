// Runs a TypeScript tool on the project's own Node, from a machine that may have only an older Node and no node_modules:
// `node tools/bootstrap.mjs tools/start.ts`. Plain JavaScript without packages, because nothing is installed yet.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(project, 'node_modules');
const node = join(modules, '.bin', 'node');

const [tool, ...args] = process.argv.slice(2);
if (!tool) fail('usage: node tools/bootstrap.mjs tools/NAME.ts [arguments]', 2);
if (!isInstalled()) install();

const ran = spawnSync(node, ['--disable-warning=ExperimentalWarning', resolve(project, tool), ...args], {
  stdio: 'inherit',
});
if (ran.error) fail(`${node} cannot be run: ${ran.error.message}\nDelete node_modules and try again.`, 1);
process.exit(ran.status ?? 1);

/**
 * True when node_modules holds what package-lock.json asks for. npm writes what it installed into a lock file of its own
 * when it is done, so that an interrupted installation, a changed lock and a developer's `npm install` are told apart.
 */
function isInstalled() {
  const done = join(modules, '.package-lock.json');
  if (!existsSync(node) || !existsSync(done)) return false;
  const wanted = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(done, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional, peer }]) => {
    const there = installed[path];
    return path === '' || (there ? there.version === version : Boolean(optional || peer));
  });
}

function install() {
  const begun = Date.now();
  console.log('· installing packages with npm ci …');
  // Under `npm start` npm says where it is itself; by hand it is on the path.
  const npm = process.env.npm_execpath;
  const command = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  const [program, ...first] = command;
  const ended = spawnSync(program, [...first, 'ci', '--no-audit', '--no-fund'], {
    cwd: project,
    stdio: 'inherit',
    timeout: 600_000,
  });
  if (ended.error)
    fail(`npm cannot be run: ${ended.error.message}\nInstall Node 20 or later with npm, then try again.`, 1);
  if (ended.status !== 0) {
    fail(
      `'npm ci' failed in ${project} (exit ${ended.status}); its own words are above.\n` +
        'Usual causes: no way to the npm registry (`npm ping`), a full disk, or a package-lock.json that does not match package.json.',
      1,
    );
  }
  if (!existsSync(node)) fail(`npm installed no Node here (${node} is missing): was it run with --omit=dev?`, 1);
  console.log(`✓ packages installed (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
}

function fail(message, code) {
  console.error(message);
  process.exit(code);
}
