import { setTimeout as pause } from 'node:timers/promises';
import { type Api, openApi } from './demo/api.ts';
import { type Fault, faults } from './demo/faults.ts';
import { runTool } from './setup/progress.ts';
import { untilWell } from './setup/stack.ts';

// `npm run demo`: breaks the shop in one way after the other and prints how it came back. `npm run demo -- web` runs only
// the faults whose title or service has that word.

const repairDeadline = 180_000;
const leftAloneFor = 15_000;
const quietDeadline = 60_000;

type Line = { fault: Fault; ok: boolean; seen?: number; repaired?: number; proven?: number; note: string };

async function main(): Promise<number> {
  await untilWell(60_000).catch(error => {
    throw new Error(`The stack is not up and well; 'npm start' brings it up.\n${error.message}`);
  });
  const api = await openApi();
  const openBefore = await api.busyWith();
  const word = process.argv[2] ?? '';
  const chosen = faults.filter(fault => `${fault.title} ${fault.service}`.includes(word));
  console.log(
    'Seconds after the fault.   seen: the watchdog decided · repaired: the engine had done it · proven: well and still well\n',
  );
  console.log(row('', 'fault', 'seen', 'repaired', 'proven', ''));
  const lines: Line[] = [];
  for (const fault of chosen) {
    const line = fault.expect === 'repaired' ? await watchRepair(fault, api) : await watchNothing(fault, api);
    lines.push(line);
    console.log(
      row(line.ok ? '✓' : '✗', fault.title, shown(line.seen), shown(line.repaired), shown(line.proven), line.note),
    );
    await untilQuiet(api, openBefore);
  }
  const failed = lines.filter(line => !line.ok).length;
  console.log(`\n${lines.length - failed} of ${lines.length} as they should be.`);
  if (!word)
    console.log(
      'Not shown: the condition `dead`. It needs an engine that failed to remove a container, and no command makes one.',
    );
  return failed === 0 ? 0 : 1;
}

/** Breaks it and follows the repairs of that service until one is proven. */
async function watchRepair(fault: Fault, { repairs }: Api): Promise<Line> {
  const before = new Set((await repairs()).map(repair => repair.id));
  const begun = Date.now();
  await fault.provoke();
  try {
    for (const end = Date.now() + repairDeadline; Date.now() < end; await pause(250)) {
      const mine = (await repairs()).filter(repair => repair.service === fault.service && !before.has(repair.id));
      const healed = mine.find(repair => repair.outcome === 'healed');
      const first = mine.at(-1);
      if (!healed || !first) continue;
      const tries = mine.length > 1 ? `, attempt ${mine.length}` : '';
      return {
        fault,
        ok: true,
        seen: since(begun, first.startedAt),
        ...(healed.actedAt ? { repaired: since(begun, healed.actedAt) } : {}),
        ...(healed.endedAt ? { proven: since(begun, healed.endedAt) } : {}),
        note: `${healed.condition}: ${healed.strategy}${tries}`,
      };
    }
    const last = (await repairs()).find(repair => repair.service === fault.service && !before.has(repair.id));
    const note = last
      ? `last repair: ${last.strategy}, ${last.outcome ?? 'under way'}: ${last.because}`
      : 'nothing was done';
    return { fault, ok: false, note };
  } finally {
    await fault.tidy?.();
  }
}

/** Does it and sees that the watchdog keeps its hands off. */
async function watchNothing(fault: Fault, { repairs }: Api): Promise<Line> {
  const before = new Set((await repairs()).map(repair => repair.id));
  await fault.provoke();
  await pause(leftAloneFor);
  const touched = (await repairs()).find(repair => repair.service === fault.service && !before.has(repair.id));
  await fault.tidy?.();
  const note = touched
    ? `was touched: ${touched.strategy}`
    : `left alone for ${leftAloneFor / 1000} s, as it should be`;
  return { fault, ok: touched === undefined, note };
}

/** The next fault should meet a shop that is well and a watchdog at rest, or its timeline would tell of two. */
async function untilQuiet({ busyWith }: Api, before: readonly string[]): Promise<void> {
  await untilWell(120_000);
  for (const end = Date.now() + quietDeadline; Date.now() < end; await pause(500)) {
    if ((await busyWith()).every(service => before.includes(service))) return;
  }
  console.log(`  (the watchdog still has open incidents of ${(await busyWith()).join(', ')}; going on)`);
}

function since(begun: number, time: string): number {
  return (Date.parse(time) - begun) / 1000;
}

function shown(seconds: number | undefined): string {
  return seconds === undefined ? '–' : seconds.toFixed(1);
}

function row(mark: string, title: string, seen: string, repaired: string, proven: string, note: string): string {
  return [
    mark.padEnd(1),
    title.padEnd(50),
    seen.padStart(6),
    repaired.padStart(9),
    proven.padStart(7),
    ` ${note}`,
  ].join(' ');
}

await runTool(main);
