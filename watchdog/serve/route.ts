import type { RequestHandler } from 'express';
import { z } from 'zod';
import { badInput } from './problem.ts';
import { toJson } from './to-json.ts';

/** One operation of the API: what Express mounts and what openapi.json describes. */
export interface Route {
  readonly method: 'get' | 'post';
  /** As Express reads it: `/api/services/:service`. */
  readonly path: string;
  readonly summary: string;
  /** Answered without a token. */
  readonly open?: boolean;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly success: {
    readonly status: 200 | 202;
    readonly type?: string;
    readonly shape?: z.ZodType;
    /** Of a stream: the data of each event by its name. */
    readonly events?: Readonly<Record<string, z.ZodType>>;
  };
  readonly handle: RequestHandler;
}

/** A checked request. */
export interface Asked<Query, Body> {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: Body;
}

export interface Reply<Answer> {
  readonly status?: 200 | 202 | 503;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Answer;
}

interface JsonRoute<Query extends z.ZodObject, Body extends z.ZodObject, Answer extends z.ZodType>
  extends Omit<Route, 'handle' | 'success' | 'query' | 'body'> {
  readonly query?: Query;
  readonly body?: Body;
  readonly status?: 200 | 202;
  readonly answer: Answer;
  readonly reply: (
    asked: Asked<z.output<Query>, z.output<Body>>,
  ) => Reply<z.input<Answer>> | Promise<Reply<z.input<Answer>>>;
}

/** A route that reads query and body by their definitions and answers JSON. What is not defined is refused. */
export function jsonRoute<
  Answer extends z.ZodType,
  Query extends z.ZodObject = typeof nothing,
  Body extends z.ZodObject = typeof nothing,
>(spec: JsonRoute<Query, Body, Answer>): Route {
  const { answer, reply, status = 200, ...rest } = spec;
  return {
    ...rest,
    success: { status, shape: answer },
    handle: async (request, response) => {
      const query = checked('query', spec.query ?? nothing, request.query);
      const body = checked('body', spec.body ?? nothing, request.body ?? {});
      const said = await reply({
        params: request.params as Record<string, string>,
        query: query as z.output<Query>,
        body: body as z.output<Body>,
      });
      response
        .status(said.status ?? status)
        .set(said.headers ?? {})
        .type('json')
        .send(toJson(said.body));
    },
  };
}

const nothing = z.strictObject({});

function checked<Shape extends z.ZodObject>(where: 'query' | 'body', shape: Shape, input: unknown): z.output<Shape> {
  const read = shape.safeParse(input);
  if (!read.success) throw badInput(where, read.error.issues);
  return read.data;
}
