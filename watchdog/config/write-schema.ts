// Writes docs/watchdog.schema.json anew: `node watchdog/config/write-schema.ts`.
import { writeFileSync } from 'node:fs';
import { jsonSchema } from './json-schema.ts';

writeFileSync(new URL('../../docs/watchdog.schema.json', import.meta.url), jsonSchema());
