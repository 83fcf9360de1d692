import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

let helperOffered = false;

/**
 * Imports a strategy file. It may say `import { defineStrategy } from 'compose-watchdog'` wherever it and the watchdog happen
 * to be installed.
 */
export async function importStrategyFile(file: string): Promise<{ readonly default?: unknown }> {
  if (!helperOffered) offerHelper();
  helperOffered = true;
  return await import(pathToFileURL(file).href);
}

function offerHelper(): void {
  const url = new URL('./define-strategy.ts', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'compose-watchdog' ? { url, shortCircuit: true } : next(specifier, context),
  });
}
