// What of its packages the watchdog never uses, and would keep in memory for months (docs/performance.md): by a file's
// place among them, what is loaded in its place. Where somebody does use it after all, it says so. tests/left-out.test.ts holds this against
// the packages as they are installed.

/** The media types of an API and its pages; mime-db knows 2,500. What is not here is served as `application/octet-stream`. */
const MEDIA_TYPES = [
  'application/gzip',
  'application/json',
  'application/manifest+json',
  'application/octet-stream',
  'application/problem+json',
  'application/wasm',
  'application/x-www-form-urlencoded',
  'application/xml',
  'application/yaml',
  'font/woff',
  'font/woff2',
  'image/gif',
  'image/jpeg',
  'image/png',
  'image/svg+xml',
  'image/vnd.microsoft.icon',
  'image/webp',
  'multipart/form-data',
  'text/css',
  'text/csv',
  'text/event-stream',
  'text/html',
  'text/javascript',
  'text/markdown',
  'text/plain',
  'text/xml',
];

const throwing = what => `() { throw new Error('${what} is left out here: see watchdog/left-out.mjs'); }`;
const module = source => () => ({ format: 'module', source, shortCircuit: true });
const commonjs = source => () => ({ format: 'commonjs', source, shortCircuit: true });
/** A CommonJS file that exports one function or class, or these by name. */
const unused = (what, ...names) =>
  commonjs(
    names.length === 0
      ? `module.exports = function ${throwing(what)};`
      : names.map(name => `exports.${name} = function ${throwing(`${what}.${name}`)};`).join('\n'),
  );

/** @type {Record<string, (load: () => { source: string | Uint8Array }) => import('node:module').LoadFnOutput>} */
export const LEFT_OUT = {
  // Sentences in sixty languages. Those in English zod takes from their own file.
  '/zod/v4/locales/index.js': module(''),
  // Schemas are made of code here, never of JSON Schema.
  '/zod/v4/classic/from-json-schema.js': module(`export function fromJSONSchema${throwing('z.fromJSONSchema')}`),
  // Schemas made into code of their own, which only z.compile() does.
  '/zod/v4/core/compile.js': module(
    [
      `export const INVALID = Symbol.for('zod.compile.invalid');`,
      'export class ZodCompileAsyncError extends Error {}',
      'export class ZodCompileUnsupportedError extends Error {}',
      ...['compile', 'withParser', 'compileFn'].map(name => `export function ${name}${throwing(`z.${name}`)}`),
    ].join('\n'),
  ),
  // record/process-metrics.ts has those of the process; these load OpenTelemetry. Nothing is pushed, clustered or summed up.
  '/prom-client/lib/defaultMetrics.js': unused('collectDefaultMetrics'),
  '/prom-client/lib/cluster.js': unused('AggregatorRegistry'),
  '/prom-client/lib/pushgateway.js': unused('Pushgateway'),
  '/prom-client/lib/summary.js': unused('Summary'),
  // Reads nested queries; Express' own default, `simple`, is in force.
  '/qs/lib/index.js': unused('qs', 'parse', 'stringify'),
  // Packs the context of an image's build. No image is built here.
  '/@balena/dockerignore/ignore.js': unused('dockerignore'),
  '/tar-fs/index.js': unused('tar-fs', 'pack', 'extract'),
  // Tells winston's authors what winston does, in colours; with NODE_ENV=production it says nothing in any case.
  '/@dabh/diagnostics/node/index.js': commonjs('module.exports = () => () => false;'),
  '/mime-db/db.json': load => {
    const all = JSON.parse(Buffer.from(load().source).toString());
    const kept = Object.fromEntries(MEDIA_TYPES.map(type => [type, all[type]]));
    return { format: 'json', source: JSON.stringify(kept), shortCircuit: true };
  },
};
