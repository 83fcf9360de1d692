import type Http from 'node:http';
import { createRequire } from 'node:module';

// Not `import … from 'node:http'`: that reads every export once, and reading `WebSocket` loads undici with its HTTP/2, web
// streams and web crypto, 14 MB that nobody here uses (Node 26.10, `bench/`).
const { createServer, STATUS_CODES }: typeof Http = createRequire(import.meta.url)('node:http');

export { createServer, STATUS_CODES };
