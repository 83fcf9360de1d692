import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { busyboxImage, nodeImage, patientImage, wardImage, watchdogImage } from '../../tests/images/names.ts';
import { debianProgram, wardOnDebian } from './debian-programs.ts';
import { ensureBase } from './ensure-base.ts';
import { ensureEngine } from './ensure-engine.ts';
import { dockerBuild, ensureImage, hashOfFolder, imageId } from './images.ts';
import { ownCertificates } from './own-certificates.ts';
import { projectFolder } from './places.ts';
import { runTool, step } from './progress.ts';
import { ensureStackImages } from './stack-images.ts';
import { busyboxStandIn, debianImage, debianStandIn, nodeStandIn } from './stand-ins.ts';

/** The shop of the demo, all its services in one image. */
export const shopImage = 'compose-watchdog/shop:latest';

const officialBusybox = 'busybox:1.37';
const officialNode = 'node:26-alpine';
const officialDebian = 'debian:trixie-slim';

/** Makes sure of the images that ours are built on, of the shop's and of the tests'. Quick when they are there. */
export async function ensureImages(): Promise<void> {
  await ensureBase(busyboxImage, officialBusybox, async () => void (await ensureImage(busyboxStandIn(busyboxImage))));
  await ensureBase(nodeImage, officialNode, ensureNodeStandIn);
  await ensureSmallImage(patientImage, join(projectFolder, 'tests', 'images', 'patient'));
  await ensureSmallImage(shopImage, join(projectFolder, 'compose', 'shop'));
}

/** Makes sure of the image with the servers that the tests of the whole stack break. Some 90 MB of Debian's packages at the first time. */
export async function ensureWardImage(): Promise<void> {
  await ensureBase(debianImage, officialDebian, async () => void (await ensureImage(debianStandIn)));
  await ensureImage(debianProgram(wardOnDebian(wardImage), (await imageId(debianImage)) ?? ''));
}

/**
 * Builds the product's image. Docker's own build cache decides what is new, so this takes about a second when nothing is.
 */
export async function ensureWatchdogImage(): Promise<void> {
  await step(`building ${watchdogImage}`, async () => {
    const version = JSON.parse(await readFile(join(projectFolder, 'package.json'), 'utf8')).version;
    const buildArgs: Record<string, string> = { NODE_IMAGE: nodeImage, VERSION: version };
    const certificates = await ownCertificates();
    if (certificates) buildArgs.EXTRA_CA_CERTS = certificates;
    if (process.env.npm_config_registry) buildArgs.NPM_CONFIG_REGISTRY = process.env.npm_config_registry;
    await dockerBuild(projectFolder, watchdogImage, version, buildArgs);
  });
}

async function ensureNodeStandIn(): Promise<void> {
  const nodePackage = join(projectFolder, 'node_modules', 'node', 'package.json');
  const nodeVersion = JSON.parse(await readFile(nodePackage, 'utf8')).version;
  await ensureImage(debianStandIn);
  await ensureImage(nodeStandIn(nodeImage, nodeVersion, (await imageId(debianImage)) ?? ''));
}

/** An image whose Dockerfile and files lie in `folder`, on top of busybox. */
async function ensureSmallImage(image: string, folder: string): Promise<void> {
  const inputs = [await hashOfFolder(folder), (await imageId(busyboxImage)) ?? ''];
  await ensureImage({
    image,
    inputs,
    build: label => dockerBuild(folder, image, label, { BUSYBOX_IMAGE: busyboxImage }),
  });
}

if (import.meta.main) {
  await runTool(async () => {
    await ensureEngine();
    await ensureImages();
    await ensureStackImages();
    await ensureWardImage();
    return 0;
  });
}
