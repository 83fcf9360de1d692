import { readFileSync } from 'node:fs';
import { alertmanagerImage, haproxyImage, prometheusImage } from '../../tests/images/names.ts';
import { alertmanagerStandIn, debianProgram, haproxyStandIn, prometheusStandIn } from './debian-programs.ts';
import { ensureBase, pulled } from './ensure-base.ts';
import { ensureImage, imageId } from './images.ts';
import { composeFile, hardenedFile } from './places.ts';
import { debianImage, debianStandIn } from './stand-ins.ts';

/** An image that the stack takes as it comes. A new one is one line in `STACK_IMAGES` and one recipe in `debian-programs.ts`. */
type StackImage = {
  /** What compose.yaml calls it, and whose default there is the official image. */
  variable: string;
  /** The name under which we keep it. */
  image: string;
  standIn: typeof prometheusStandIn;
};

const STACK_IMAGES: readonly StackImage[] = [
  { variable: 'PROMETHEUS_IMAGE', image: prometheusImage, standIn: prometheusStandIn },
  { variable: 'ALERTMANAGER_IMAGE', image: alertmanagerImage, standIn: alertmanagerStandIn },
  { variable: 'HAPROXY_IMAGE', image: haproxyImage, standIn: haproxyStandIn },
];

/** Makes sure of these images (all, where none is named), which are taken as they come. Quick when they are there. */
export async function ensureStackImages(...wanted: readonly string[]): Promise<void> {
  for (const { variable, image, standIn } of STACK_IMAGES) {
    if (wanted.length > 0 && !wanted.includes(variable)) continue;
    await ensureBase(image, officialImage(variable), async () => {
      await ensureImage(debianStandIn);
      await ensureImage(debianProgram(standIn(image), (await imageId(debianImage)) ?? ''));
    });
  }
}

/**
 * What Compose must be told to use them: nothing for an image that is the official one, or that the environment names already.
 * `{ PROMETHEUS_IMAGE: 'compose-watchdog/prometheus:latest' }`
 */
export async function standInVariables(): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const { variable, image } of STACK_IMAGES) {
    if (process.env[variable]) continue;
    const ours = await imageId(image);
    if (ours !== undefined && ours !== (await imageId(officialImage(variable)))) variables[variable] = image;
  }
  return variables;
}

/** True when Grafana can be started: its image is here, or could be pulled. Nothing stands in for it. */
export async function ensureGrafanaImage(): Promise<boolean> {
  return pulled(process.env.GRAFANA_IMAGE || officialImage('GRAFANA_IMAGE'));
}

/** The default that the Compose files give this variable: the one place where versions are pinned. */
export function officialImage(variable: string): string {
  const files = [composeFile, hardenedFile].map(file => readFileSync(file, 'utf8')).join('\n');
  const found = new RegExp(`\\$\\{${variable}:-([^}]+)\\}`).exec(files)?.[1];
  if (found === undefined) throw new Error(`no Compose file has \${${variable}:-...} with a default image`);
  return found;
}
