import type { ErrorRequestHandler, Response } from 'express';
import type { z } from 'zod';
import type { Logger } from '../adapters/logger.ts';
import { BadCursor } from '../domain/records.ts';
import { STATUS_CODES } from './node-http.ts';
import { toJson } from './to-json.ts';

/** A refusal that the client is to read. Handlers throw it; `answerProblems` sends it as RFC 9457 problem details. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly status: number;
  /** One sentence each, where there is more than one thing to say. */
  readonly problems: readonly string[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    detail: string,
    more: { problems?: readonly string[]; headers?: Record<string, string> } = {},
  ) {
    super(detail);
    this.status = status;
    this.problems = more.problems ?? [];
    this.headers = more.headers ?? {};
  }
}

/** What zod found, as sentences with their place: `query limit: Too big: expected number to be <=500`. */
export function badInput(where: 'query' | 'body', issues: readonly z.core.$ZodIssue[]): Problem {
  const problems = issues.map(issue => `${[where, ...issue.path.map(String)].join(' ')}: ${issue.message}`);
  return new Problem(400, problems.length === 1 ? `${problems[0]}` : `${problems.length} things are wrong`, {
    problems,
  });
}

/** Sends every error as a problem. What nobody planned is logged and told to the client without its details. */
export const answerProblems =
  (logger: Logger): ErrorRequestHandler =>
  (error: unknown, request, response, next) => {
    const problem = error instanceof Problem ? error : problemFrom(error);
    if (problem.status >= 500 && !(error instanceof Problem))
      logger.error('request failed', {
        method: request.method,
        path: request.path,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    // Half an answer is out already: only Express can cut the connection.
    if (response.headersSent) next(error);
    else sendProblem(response, problem);
  };

function sendProblem(response: Response, { status, message, problems, headers }: Problem): void {
  response
    .status(status)
    .set(headers)
    .type('application/problem+json')
    .send(
      toJson({
        type: 'about:blank',
        title: STATUS_CODES[status] ?? 'Error',
        status,
        detail: message,
        ...(problems.length > 0 && { problems }),
      }),
    );
}

const BODY_ERRORS: Readonly<Record<string, [number, string]>> = {
  'entity.parse.failed': [400, 'the body is not JSON'],
  'request.aborted': [400, 'the body ended too early'],
  'request.size.invalid': [400, 'the body is not as long as Content-Length says'],
  'encoding.unsupported': [415, 'the body has an encoding other than gzip, deflate, br or none'],
  'charset.unsupported': [415, 'the body is not UTF-8'],
};

/** Express and its body parser throw errors with a status; their messages can quote the input, so ours replace them. */
function problemFrom(error: unknown): Problem {
  if (error instanceof BadCursor) return new Problem(400, error.message);
  if (error instanceof Error) {
    if ('type' in error && error.type === 'entity.too.large')
      return new Problem(413, `the body is larger than ${Number('limit' in error && error.limit) / 2 ** 20} MiB`);
    const known = 'type' in error ? BODY_ERRORS[String(error.type)] : undefined;
    if (known) return new Problem(...known);
    const status = 'status' in error ? Number(error.status) : 500;
    if (status >= 400 && status < 500) return new Problem(status, 'the request cannot be read');
  }
  return new Problem(500, 'the watchdog made a mistake; its log says more');
}
