import type Http from 'node:http';
import type Https from 'node:https';
import { createRequire } from 'node:module';
import { type Duration, seconds } from '../domain/time.ts';

// Neither `fetch` nor `import … from 'node:http'`: both load undici, 14 MB that nobody here uses (see serve/node-http.ts).
const require = createRequire(import.meta.url);
const http: typeof Http = require('node:http');
const https: typeof Https = require('node:https');

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** `http:` or `https:`; a user and a password in it become Basic authentication. */
  readonly url: string;
  /** JSON. */
  readonly body?: string;
  /** Bytes of the answer that are read; 2 KiB where nothing is said. */
  readonly longestAnswer?: number;
}

export interface HttpAnswer {
  readonly status: number;
  /** `Retry-After` (RFC 9110, section 10.2.3), where it was there and could be read. */
  readonly retryAfter: Duration | undefined;
  /** The beginning of the body, at most `longestAnswer`. */
  readonly text: string;
}

/** Rejects with an error whose message is a reason in a few words, and names neither address nor keys. */
export type SendHttp = (request: HttpRequest, signal?: AbortSignal) => Promise<HttpAnswer>;

/** From the first packet to the last one that is read. */
const PATIENCE: Duration = seconds(10);
const LONGEST_TEXT = 2_048;

/** One request over a connection of its own. Redirects are not followed: they are an answer like any other. */
export const sendHttp: SendHttp = (request, signal) => sendWithin(PATIENCE, request, signal);

/** As `sendHttp`, with another patience. */
export async function sendWithin(
  patience: Duration,
  { method, url, body, longestAnswer = LONGEST_TEXT }: HttpRequest,
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<HttpAnswer>();
  const late = AbortSignal.timeout(patience);
  const target = new URL(url);
  const request = (target.protocol === 'https:' ? https : http).request(target, {
    method,
    agent: false,
    signal: signal === undefined ? late : AbortSignal.any([signal, late]),
    headers: {
      'user-agent': 'compose-watchdog',
      ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    },
  });
  request.on('error', error => reject(new Error(late.aborted ? `no answer within ${patience} ms` : reasonOf(error))));
  request.on('response', response =>
    answerFrom(response, longestAnswer).then(resolve, error => reject(new Error(reasonOf(error)))),
  );
  request.end(body);
  try {
    return await promise;
  } finally {
    request.destroy();
  }
}

async function answerFrom(response: Http.IncomingMessage, longest: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= longest) break;
  }
  return {
    status: response.statusCode ?? 0,
    retryAfter: durationFromHeader(response.headers['retry-after'], Date.now()),
    text: Buffer.concat(chunks).subarray(0, longest).toString(),
  };
}

/** Seconds or an HTTP date. */
function durationFromHeader(value: string | undefined, now: number): Duration | undefined {
  if (value === undefined) return undefined;
  const wait = /^\d{1,9}$/.test(value) ? seconds(Number(value)) : Date.parse(value) - now;
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

/** Node's own messages name the host, and for some errors the whole request. */
const reasonOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : 'the connection broke';
