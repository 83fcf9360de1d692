import { z } from 'zod';
import type { Route } from './route.ts';
import { problemShape } from './shapes.ts';

/** The routes in OpenAPI 3.1, whose schemas are JSON Schema: made from the definitions that check the requests. */
export function openApi(routes: readonly Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Compose Watchdog',
      version: '1',
      description: 'Lists are newest first and paged by limit and cursor.',
    },
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: '`watchdog token` prints it' } },
      schemas: { Problem: schemaOf(problemShape, 'output') },
    },
  };
}

function operation({ path, summary, open, query, body, success }: Route): Record<string, unknown> {
  const { status, type = 'application/json', shape, events } = success;
  return {
    summary,
    ...(open && { security: [] }),
    parameters: [...pathParameters(path), ...queryParameters(query)],
    ...(body && { requestBody: { content: { 'application/json': { schema: schemaOf(body, 'input') } } } }),
    responses: {
      [status]: {
        description: 'Yes',
        content: {
          [type]: {
            schema: shape ? schemaOf(shape, 'output') : { type: 'string' },
            ...(events && { 'x-events': eventsOf(events) }),
          },
        },
      },
      default: {
        description: 'No, and why (RFC 9457)',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  };
}

/** OpenAPI 3.1 has no words for a stream's events (3.2 will: `itemSchema`): an extension, as its section 4.9 allows. */
const eventsOf = (events: Readonly<Record<string, z.ZodType>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(events).map(([name, shape]) => [name, schemaOf(shape, 'output')]));

const pathParameters = (path: string) =>
  [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));

const queryParameters = (query: z.ZodObject | undefined) =>
  Object.entries(query?.shape ?? {}).map(([name, shape]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf(shape as z.ZodType, 'input'),
  }));

/** What JSON Schema cannot say (a transform) is left open; the handler still checks it. */
function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' });
  return schema;
}
