import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command, tryCommand, works } from './command.ts';
import { cacheFolder } from './places.ts';
import { step } from './progress.ts';

const tenMinutes = 600_000;
// Another apt may be at work on the machine (unattended upgrades, a second set-up): wait for it, but not for ever.
const patient = ['-o', 'DPkg::Lock::Timeout=180', '-o', 'Acquire::Retries=2'];
const keyring = '/usr/share/keyrings/debian-archive-keyring.gpg';
let listsUpdated = false;

/** Installs Debian packages on this machine. Throws, saying what to do instead, where apt or root is missing. */
export async function installPackages(names: readonly string[]): Promise<void> {
  if (!(await works(['apt-get', '--version']))) {
    throw new Error(`This machine has no apt-get, so ${names.join(', ')} must be installed by hand.`);
  }
  if (process.getuid?.() !== 0) {
    throw new Error(`Installing ${names.join(', ')} needs root: run this as root, or install them yourself first.`);
  }
  await step(`installing ${names.join(', ')} with apt-get`, async () => {
    if (!listsUpdated) await command(['apt-get', ...patient, 'update', '-qq'], { timeout: tenMinutes });
    listsUpdated = true;
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', NEEDRESTART_MODE: 'l' };
    const argv = ['apt-get', ...patient, 'install', '-y', '-qq', '--no-install-recommends', ...names];
    await command(argv, { timeout: tenMinutes, env });
  });
}

/** Installs those packages whose programs are not on the path yet. */
export async function ensurePrograms(programs: Record<string, string>): Promise<void> {
  const missing: string[] = [];
  for (const [program, packageName] of Object.entries(programs)) {
    if (!(await works(['which', program]))) missing.push(packageName);
  }
  if (missing.length > 0) await installPackages(missing);
}

/** The Debian mirror this machine already uses, read from its own apt configuration. */
export async function debianMirror(): Promise<string> {
  const { stdout } = await tryCommand([
    'apt-get',
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Origin: Debian',
    'Component: main',
    'Created-By: Packages',
  ]);
  const mirror = stdout.split('\n').find(uri => uri !== '' && !uri.includes('security'));
  if (mirror) return mirror;
  // Before the first `apt-get update` (or where apt is kept from its lists) the sources themselves still name it.
  const { stdout: sources } = await tryCommand(['grep', '-rhoE', '(https?|file)://[^ ]+/debian/?', '/etc/apt']);
  const named = sources.split('\n').find(uri => uri !== '' && !uri.includes('snapshot'));
  if (named) return named;
  throw new Error('No Debian mirror found in the configuration of apt (/etc/apt). Is this a Debian machine?');
}

/**
 * Fetches one package of another Debian release and unpacks it into `target`, without telling the machine's own apt about
 * that release: lists, cache and state are folders of ours.
 */
export async function unpackFromSuite(suite: string, packageName: string, target: string): Promise<void> {
  const apt = join(cacheFolder, 'apt', suite);
  await mkdir(join(apt, 'lists', 'partial'), { recursive: true });
  await mkdir(join(apt, 'archives', 'partial'), { recursive: true });
  const sources = join(apt, 'sources.list');
  await writeFile(sources, `deb [signed-by=${keyring}] ${await debianMirror()} ${suite} main\n`);
  const apart = [
    ...['-o', `Dir::Etc::SourceList=${sources}`, '-o', 'Dir::Etc::SourceParts=/dev/null'],
    ...['-o', `Dir::State::Lists=${join(apt, 'lists')}`, '-o', `Dir::Cache=${apt}`],
    ...['-o', 'APT::Default-Release=', '-o', 'Acquire::Languages=none', '-o', 'APT::Sandbox::User=root'],
    ...['-o', 'Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false'],
  ];
  await command(['apt-get', ...patient, ...apart, 'update', '-qq'], { timeout: tenMinutes });
  const folder = await mkdtemp(join(apt, 'fetch-'));
  try {
    await command(['apt-get', ...patient, ...apart, 'download', packageName], { cwd: folder, timeout: tenMinutes });
    await unpackDeb(folder, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Fetches one package of this machine's own release and unpacks it into `target` without installing it. */
export async function unpackPackage(packageName: string, target: string): Promise<void> {
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, 'fetch-'));
  try {
    const argv = ['apt-get', ...patient, '-o', 'APT::Sandbox::User=root', 'download', packageName];
    if (!(await works(argv, { cwd: folder, timeout: tenMinutes }))) {
      await command(['apt-get', ...patient, 'update', '-qq'], { timeout: tenMinutes });
      await command(argv, { cwd: folder, timeout: tenMinutes });
    }
    await unpackDeb(folder, target);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes a root file system of a Debian release in `target` (which must be empty) with debootstrap. */
export async function bootstrapDebian(suite: string, packages: readonly string[], target: string): Promise<void> {
  await ensurePrograms({ debootstrap: 'debootstrap' });
  const archives = join(cacheFolder, 'debootstrap');
  await mkdir(archives, { recursive: true });
  const options = ['--variant=minbase', `--include=${packages.join(',')}`, `--cache-dir=${archives}`];
  await command(['debootstrap', ...options, suite, target, await debianMirror()], { timeout: tenMinutes });
}

async function unpackDeb(folder: string, target: string): Promise<void> {
  const deb = (await readdir(folder)).find(name => name.endsWith('.deb'));
  if (!deb) throw new Error(`apt-get download left no package in ${folder}`);
  const unpacked = join(folder, 'unpacked');
  await command(['dpkg', '-x', join(folder, deb), unpacked]);
  await mkdir(target, { recursive: true });
  await cp(unpacked, target, { recursive: true, verbatimSymlinks: true });
}
