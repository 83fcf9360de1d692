import { chmod, copyFile, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { command, tryCommand } from './command.ts';
import { installPackages, unpackFromSuite } from './debian.ts';
import { cacheFolder, cliPlugins } from './places.ts';
import { runTool, step } from './progress.ts';

const pluginInPackage = join('usr', 'libexec', 'docker', 'cli-plugins', 'docker-compose');

/** Debian releases whose docker-compose package is Compose v2, and what is in them as of this writing. */
export type ComposeSuite = 'trixie' | 'sid';

/**
 * Makes sure that `docker compose` (v2) works. Where it does not, the plugin is taken from Debian 13 and copied into
 * the user's plugin folder, which is where a hand-installed one would go; nothing else of that package is installed.
 */
export async function ensureCompose(): Promise<void> {
  const present = await composeVersion();
  if (present) {
    console.log(`✓ Docker Compose ${present}`);
    return;
  }
  const plugin = join(cliPlugins, 'docker-compose');
  await step(`fetching Compose v2 from Debian 13 into ${plugin}`, async () => {
    await mkdir(cliPlugins, { recursive: true });
    await copyFile(await composeOf('trixie'), `${plugin}.new`);
    await chmod(`${plugin}.new`, 0o755);
    await rename(`${plugin}.new`, plugin);
  });
  const version = await composeVersion();
  if (!version) {
    const { stderr } = await tryCommand(['docker', 'compose', 'version']);
    throw new Error(`'docker compose' still does not work with ${plugin}:\n${stderr}\nInstall Compose v2 yourself.`);
  }
  console.log(`✓ Docker Compose ${version}`);
}

/**
 * The Compose v2 program of a Debian release, for tests that must know how another version behaves: run it as
 * `[path, '-p', project, ...]`. Fetched once into `.cache/compose/<suite>`.
 */
export async function composeOf(suite: ComposeSuite): Promise<string> {
  const program = join(cacheFolder, 'compose', suite, 'docker-compose');
  if (await exists(program)) return program;
  await mkdir(join(cacheFolder, 'compose', suite), { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, 'compose', 'unpack-'));
  try {
    await unpackFromSuite(suite, 'docker-compose', folder);
    await rename(join(folder, pluginInPackage), program);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return program;
}

/** The old Python docker-compose (1.29), which many still run: installed from Debian where it is missing. */
export async function ensureOldCompose(): Promise<string> {
  const version = () => tryCommand(['docker-compose', 'version', '--short']);
  if ((await version()).code !== 0) await installPackages(['docker-compose']);
  const { code, stdout, stderr } = await version();
  if (code !== 0) throw new Error(`docker-compose was installed but does not run:\n${stderr}`);
  console.log(`✓ docker-compose ${stdout.trim()}`);
  return (await command(['which', 'docker-compose'])).trim();
}

async function composeVersion(): Promise<string | undefined> {
  const { code, stdout } = await tryCommand(['docker', 'compose', 'version', '--short'], { timeout: 15_000 });
  return code === 0 ? stdout.trim() : undefined;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

if (import.meta.main) await runTool(async () => void (await ensureCompose()));
