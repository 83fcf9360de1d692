// For `node --import`, in the image only. There every .ts file lost its types when the image was built (tools/strip-types.ts),
// so it is JavaScript already. Told nothing, Node would load its TypeScript compiler to find that out: 16 MB and 0.1 s.
// And what of its packages is never used is left out, and no text takes two bytes a character for one dash in a comment.
import { readFileSync, realpathSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { LEFT_OUT } from './left-out.mjs';

const ours = new URL('./', import.meta.url).href;
// What strategies of users bring along is theirs.
const packages = pathToFileURL(realpathSync(new URL('../node_modules', import.meta.url))).href;

registerHooks({
  load: (url, context, next) => {
    if (url.startsWith(ours) && url.endsWith('.ts'))
      return { format: 'module', source: narrow(readFileSync(new URL(url))), shortCircuit: true };
    if (!url.startsWith(`${packages}/`)) return next(url, context);
    const standIn = LEFT_OUT[url.slice(packages.length)];
    if (standIn !== undefined) return standIn(() => next(url, context));
    const loaded = next(url, context);
    return loaded.format === 'module' ? { ...loaded, source: narrow(loaded.source) } : loaded;
  },
});

/**
 * V8 keeps the text of all code, with two bytes for every character where one of them needs two. As an escape that one means the
 * same in strings, regular expressions and names, and in comments nothing.
 */
function narrow(source) {
  const text = typeof source === 'string' ? source : Buffer.from(source).toString();
  if (!/[^\0-\x7f]/.test(text)) return text;
  const escaped = text
    .replace(/^\ufeff/, '')
    .replace(/(\\*)([^\0-\x7f])/g, (_, slashes, unit) => slashes.slice(slashes.length % 2) + escapeOf(unit));
  // What is made of a string of two bytes has two bytes itself.
  return Buffer.from(escaped, 'latin1').toString('latin1');
}

const escapeOf = unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
