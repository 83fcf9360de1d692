// For `node --import`, in the image only: there every .ts file lost its types when the image was built (tools/strip-types.ts),
// so it is JavaScript already. Told nothing, Node would load its TypeScript compiler to find that out: 16 MB and 0.1 s.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const ours = new URL('./', import.meta.url).href;

registerHooks({
  load: (url, context, next) =>
    url.startsWith(ours) && url.endsWith('.ts')
      ? { format: 'module', source: readFileSync(new URL(url)), shortCircuit: true }
      : next(url, context),
});
