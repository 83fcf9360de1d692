// For `node --import`, in the image only. There every .ts file lost its types when the image was built (tools/strip-types.ts),
// so it is JavaScript already. Told nothing, Node would load its TypeScript compiler to find that out: 16 MB and 0.1 s.
// And zod brings its sentences in sixty languages: 1 MB. Those in English it takes from their own file.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const ours = new URL('./', import.meta.url).href;
const languages = '/node_modules/zod/v4/locales/index.js';
const moduleOf = source => ({ format: 'module', source, shortCircuit: true });

registerHooks({
  load: (url, context, next) => {
    if (url.startsWith(ours) && url.endsWith('.ts')) return moduleOf(readFileSync(new URL(url)));
    return url.endsWith(languages) ? moduleOf('') : next(url, context);
  },
});
