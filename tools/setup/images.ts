import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command, tryCommand, works } from './command.ts';
import { cacheFolder } from './places.ts';
import { step } from './progress.ts';

/** The label that tells from what an image was built, so that the next run can skip it. */
export const inputsLabel = 'compose-watchdog.inputs';

export type Recipe = {
  /** The name the image gets. */
  image: string;
  /** Everything that, when it changes, asks for a new image. */
  inputs: readonly string[];
  /** Builds the image under that name and labels it with `inputsLabel=label`. */
  build: (label: string) => Promise<void>;
};

/** Builds the image unless one from the same inputs is there already. True when it had to be built. */
export async function ensureImage({ image, inputs, build }: Recipe): Promise<boolean> {
  const label = createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 16);
  if ((await labelOf(image)) === label) return false;
  await step(`building ${image}`, () => build(label));
  return true;
}

/** The image's id, or undefined when there is none of that name. */
export async function imageId(image: string): Promise<string | undefined> {
  const { code, stdout } = await tryCommand(['docker', 'image', 'inspect', '--format', '{{.Id}}', image]);
  return code === 0 ? stdout.trim() : undefined;
}

/** Builds with `docker build`; with the classic builder where the client has no buildx. */
export async function dockerBuild(
  context: string,
  image: string,
  label: string,
  buildArgs: Record<string, string> = {},
): Promise<void> {
  // The host's network: npm reaches from there what it reached a moment ago, whatever the bridge's MTU, DNS or firewall.
  const argv = [
    'docker',
    'build',
    '--quiet',
    '--network',
    'host',
    '--tag',
    image,
    '--label',
    `${inputsLabel}=${label}`,
  ];
  for (const [name, value] of Object.entries(buildArgs)) argv.push('--build-arg', `${name}=${value}`);
  await command([...argv, context], { env: await builderEnvironment(), timeout: 900_000 });
}

/** The environment for `docker build` and `docker compose build`: without buildx the client must be told not to ask for it. */
export async function builderEnvironment(): Promise<NodeJS.ProcessEnv> {
  if (await works(['docker', 'buildx', 'version'])) return process.env;
  return { ...process.env, DOCKER_BUILDKIT: '0', COMPOSE_DOCKER_CLI_BUILD: '0' };
}

/** A hash over the names, modes and contents of all files under `folder`. */
export async function hashOfFolder(folder: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name));
  for (const file of files.sort()) {
    hash.update(`${file.slice(folder.length)} ${(await stat(file)).mode}\n`).update(await readFile(file));
  }
  return hash.digest('hex');
}

/** A folder under `.cache/` that is gone when `work` is over. */
export async function withScratchFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(cacheFolder, { recursive: true });
  const folder = await mkdtemp(join(cacheFolder, 'build-'));
  try {
    return await work(folder);
  } finally {
    // Not through a file system that an interrupted debootstrap may have left mounted in there.
    await tryCommand(['rm', '-rf', '--one-file-system', folder]);
  }
}

/** Copies `files` (name in the context -> path here) and a Dockerfile into a scratch folder and builds there. */
export async function buildFrom(
  image: string,
  label: string,
  dockerfile: string,
  files: Record<string, string>,
): Promise<void> {
  await withScratchFolder(async folder => {
    for (const [name, path] of Object.entries(files)) {
      await cp(path, join(folder, name), { recursive: true, dereference: true });
    }
    await rm(join(folder, 'Dockerfile'), { force: true });
    await writeFile(join(folder, 'Dockerfile'), dockerfile);
    await dockerBuild(folder, image, label);
  });
}

/** True for an image that carries our label; what was pulled does not. */
export async function isBuiltByUs(image: string): Promise<boolean> {
  return Boolean(await labelOf(image));
}

async function labelOf(image: string): Promise<string | undefined> {
  const format = `{{index .Config.Labels "${inputsLabel}"}}`;
  const { code, stdout } = await tryCommand(['docker', 'image', 'inspect', '--format', format, image]);
  return code === 0 ? stdout.trim() : undefined;
}
