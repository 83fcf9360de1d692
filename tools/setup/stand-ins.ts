import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command, pipeline } from './command.ts';
import { bootstrapDebian, unpackPackage } from './debian.ts';
import { buildFrom, inputsLabel, type Recipe, withScratchFolder } from './images.ts';
import { cacheFolder, projectFolder } from './places.ts';

// Where no image registry can be reached these take the place of the official images. They are built from what can be
// had then: Debian's packages, the npm registry, and the Node that npm already put into node_modules.

const npmVersion = '11.19.1';

/** Name of the Debian base image that other stand-ins are built on. */
export const debianImage = 'compose-watchdog/debian:trixie';

/** Static busybox with its applets, about 2 MB. */
export function busyboxStandIn(image: string): Recipe {
  return {
    image,
    inputs: ['busybox-static of Debian', '1'],
    build: label =>
      withScratchFolder(async folder => {
        const root = join(folder, 'root');
        await unpackPackage('busybox-static', join(folder, 'package'));
        for (const name of ['bin', 'etc', 'root', 'var', 'tmp']) await mkdir(join(root, name), { recursive: true });
        await command(['chmod', '1777', join(root, 'tmp')]);
        await command(['cp', join(folder, 'package', 'bin', 'busybox'), join(root, 'bin', 'busybox')]);
        const applets = (await command([join(root, 'bin', 'busybox'), '--list'])).trim().split('\n');
        for (const applet of applets.filter(name => name !== 'busybox')) {
          await symlink('busybox', join(root, 'bin', applet));
        }
        await writeFile(
          join(root, 'etc', 'passwd'),
          'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n',
        );
        await writeFile(join(root, 'etc', 'group'), 'root:x:0:\nnogroup:x:65534:\n');
        await importFolder(root, image, label, ['CMD ["sh"]', 'ENV PATH=/bin']);
      }),
  };
}

/** A small Debian 13 with what the Node image needs, by debootstrap. */
export const debianStandIn: Recipe = {
  image: debianImage,
  inputs: ['debootstrap minbase trixie', '1'],
  build: label =>
    withScratchFolder(async folder => {
      const root = join(folder, 'root');
      await bootstrapDebian('trixie', ['ca-certificates', 'tini', 'busybox-static', 'libatomic1', 'libstdc++6'], root);
      const heavy = [
        'usr/share/doc',
        'usr/share/man',
        'usr/share/info',
        'usr/share/locale',
        'var/cache/apt',
        'var/lib/apt/lists',
      ];
      await command(['rm', '-rf', ...heavy.map(path => join(root, path))]);
      await importFolder(root, debianImage, label, ['CMD ["bash"]']);
    }),
};

/** Node as the official image has it: `node` and `npm` on the path, user `node` with uid 1000; and tini and busybox. */
export function nodeStandIn(image: string, nodeVersion: string, base: string): Recipe {
  const dockerfile = `FROM ${debianImage}
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && node --version && npm --version
CMD ["node"]
`;
  return {
    image,
    inputs: [dockerfile, nodeVersion, npmVersion, base],
    build: async label => {
      const npm = await unpackNpm();
      await buildFrom(image, label, dockerfile, {
        node: join(projectFolder, 'node_modules', 'node', 'bin', 'node'),
        npm,
      });
    },
  };
}

async function unpackNpm(): Promise<string> {
  const folder = join(cacheFolder, 'npm', npmVersion);
  await mkdir(folder, { recursive: true });
  const archive = (
    await command(['npm', 'pack', '--silent', `npm@${npmVersion}`, '--pack-destination', folder])
  ).trim();
  await command(['tar', '-xzf', join(folder, archive), '-C', folder]);
  return join(folder, 'package');
}

async function importFolder(root: string, image: string, label: string, changes: readonly string[]): Promise<void> {
  const labelled = [...changes, `LABEL ${inputsLabel}=${label}`].flatMap(change => ['--change', change]);
  await pipeline(['tar', '-C', root, '--numeric-owner', '-c', '.'], ['docker', 'import', ...labelled, '-', image]);
}
