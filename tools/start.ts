import { ensureCompose } from './setup/ensure-compose.ts';
import { ensureEngine } from './setup/ensure-engine.ts';
import { ensureImages, ensureWatchdogImage } from './setup/ensure-images.ts';
import { runTool, step } from './setup/progress.ts';
import { address, addresses, compose, untilWell } from './setup/stack.ts';
import { ensureGrafanaImage, ensureStackImages, standInVariables } from './setup/stack-images.ts';

// `npm start`: the watchdog, its monitoring and the toy shop, from whatever this machine has.

async function main(): Promise<undefined> {
  await ensureEngine();
  await ensureCompose();
  await ensureImages();
  await ensureStackImages('PROMETHEUS_IMAGE', 'ALERTMANAGER_IMAGE');
  const grafana = await ensureGrafanaImage();
  await ensureWatchdogImage();
  await step('starting the watchdog, its monitoring and the shop', () =>
    compose(['up', '-d', '--no-build', '--remove-orphans'], { profiles: grafana ? ['demo', 'grafana'] : ['demo'] }),
  );
  await step('waiting until all are healthy', () => untilWell(180_000));
  console.log(`
The watchdog is on duty.

  health        ${address}/healthz
  metrics       ${address}/metrics
  API           ${address}/api/services   (Authorization: Bearer TOKEN)
  token         docker compose -p compose-watchdog exec watchdog watchdog token
  status        docker compose -p compose-watchdog exec watchdog watchdog status
  Prometheus    ${addresses.prometheus}
  Alertmanager  ${addresses.alertmanager}
  Grafana       ${grafana ? addresses.grafana : 'left out: its image is not here and no registry can be reached (docs/monitoring.md)'}
${await byHand()}
Next: 'npm run demo' breaks the shop in every way and shows how it comes back; or break something yourself:
'docker compose -p compose-watchdog exec web shop break'. 'npm run stop' takes everything down.`);
}

/** Where stand-ins run, Compose has to be told of them, or it looks for the official images. */
async function byHand(): Promise<string> {
  const words = Object.entries(await standInVariables()).map(([name, image]) => `${name}=${image}`);
  if (words.length === 0) return '';
  return `
No registry was reached, so Debian's Prometheus and Alertmanager stand in. By hand:
${words.join(' ')} \\
  docker compose -p compose-watchdog -f compose/compose.yaml up -d
`;
}

await runTool(main);
