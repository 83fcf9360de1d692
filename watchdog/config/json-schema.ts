import { z } from 'zod';
import { fileSchema } from './file-schema.ts';

/** The JSON Schema of `watchdog.yml` for editors, from the definitions that check it; ends with a line end. */
export function jsonSchema(): string {
  const { $schema, ...rest } = z.toJSONSchema(fileSchema, { io: 'input' });
  const head = { $schema, title: 'watchdog.yml', description: 'Configuration of Compose Watchdog.' };
  return `${JSON.stringify({ ...head, ...rest }, undefined, 2)}\n`;
}
