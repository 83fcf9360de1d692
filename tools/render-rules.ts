import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isScalar, parseDocument, visit } from 'yaml';
import { durationFrom } from '../watchdog/domain/duration-from.ts';
import { projectFolder } from './setup/places.ts';
import { runTool } from './setup/progress.ts';

// `ALERT_FOR_SCALE=0.05 node tools/render-rules.ts FOLDER`: the alert rules, with every `for` so much shorter, for tests with a
// real Prometheus that cannot wait ten minutes. Prometheus itself reads no environment. Never used by the stack that people run.

/** Where the rules are that the stack uses. */
export const rulesFolder = join(projectFolder, 'rules', 'alerts');

/** The same rules with every `for` multiplied by `scale`; expressions, labels and comments stay as they are. */
export function withShorterFor(rules: string, scale: number): string {
  const document = parseDocument(rules);
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && key.value === 'for' && isScalar(value)) value.value = scaled(String(value.value), scale);
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** Writes each file of rules into `target`, which is made where it is missing. */
export async function renderRules(target: string, scale: number): Promise<void> {
  await mkdir(target, { recursive: true });
  for (const name of await readdir(rulesFolder)) {
    if (!name.endsWith('.yml')) continue;
    await writeFile(join(target, name), withShorterFor(await readFile(join(rulesFolder, name), 'utf8'), scale));
  }
}

function scaled(duration: string, scale: number): string {
  const milliseconds = durationFrom(duration);
  if (milliseconds === undefined) throw new Error(`for: found '${duration}', expected a duration such as 5m`);
  return `${Math.round(milliseconds * scale)}ms`;
}

/** `ALERT_FOR_SCALE`, more than 0 and at most 1. */
function scaleFrom(word: string | undefined): number {
  const scale = Number(word);
  if (scale > 0 && scale <= 1) return scale;
  throw new Error(`ALERT_FOR_SCALE: found '${word ?? ''}', expected a number above 0 and at most 1, such as 0.05`);
}

if (import.meta.main) {
  await runTool(async () => {
    const [target] = process.argv.slice(2);
    if (target === undefined) throw new Error('Say where to: node tools/render-rules.ts FOLDER');
    await renderRules(target, scaleFrom(process.env.ALERT_FOR_SCALE));
    return 0;
  });
}
