import { ensureCompose } from './setup/ensure-compose.ts';
import { ensureEngine } from './setup/ensure-engine.ts';
import { ensureImages, ensureWatchdogImage } from './setup/ensure-images.ts';
import { runTool, step } from './setup/progress.ts';
import { address, compose, untilWell } from './setup/stack.ts';

// `npm start`: the watchdog and the toy shop, from whatever this machine has.

async function main(): Promise<undefined> {
  await ensureEngine();
  await ensureCompose();
  await ensureImages();
  await ensureWatchdogImage();
  await step('starting the watchdog and the shop', () => compose(['up', '-d', '--no-build', '--remove-orphans']));
  await step('waiting until all are healthy', () => untilWell(180_000));
  console.log(`
The watchdog is on duty.

  health     ${address}/healthz
  metrics    ${address}/metrics
  API        ${address}/api/services   (Authorization: Bearer TOKEN)
  token      docker compose -p compose-watchdog exec watchdog watchdog token
  status     docker compose -p compose-watchdog exec watchdog watchdog status

Next: 'npm run demo' breaks the shop in every way and shows how it comes back; or break something yourself:
'docker compose -p compose-watchdog exec web shop break'. 'npm run stop' takes everything down.`);
}

await runTool(main);
