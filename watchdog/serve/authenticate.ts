import { createHash, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator } from 'express-rate-limit';
import type { Clock } from '../adapters/clock.ts';
import { limitPerMinute } from './limits.ts';
import { Problem } from './problem.ts';

/** Lets nobody pass without `Authorization: Bearer <token>`: 401, and 429 for an address that fails too often. */
export function authenticate(token: string, failuresPerMinute: number, clock: Pick<Clock, 'now'>): RequestHandler {
  const right = digest(token);
  const failures = limitPerMinute(failuresPerMinute);
  return async (request, response, next) => {
    const known = await failures.getKey(ipKeyGenerator(request.ip ?? ''));
    const wait = (known?.resetTime?.getTime() ?? 0) - clock.now();
    if (known && known.totalHits >= failuresPerMinute && wait > 0)
      throw new Problem(429, 'too many wrong tokens from this address', {
        headers: { 'Retry-After': String(Math.ceil(wait / 1_000)) },
      });
    const given = tokenOf(request);
    if (given !== undefined && timingSafeEqual(digest(given), right)) next();
    else failures(request, response, error => next(error ?? unauthorized(given !== undefined)));
  };
}

// Digests have one length, so that comparing takes the same time whatever was sent (RFC 6750 for the header).
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const tokenOf = (request: Request): string | undefined =>
  /^Bearer +([^ ]+) *$/i.exec(request.headers.authorization ?? '')?.[1];

const unauthorized = (wrong: boolean): Problem =>
  new Problem(
    401,
    wrong
      ? 'the token is wrong; `watchdog token` prints the right one'
      : 'this needs Authorization: Bearer <token>; `watchdog token` prints it',
    { headers: { 'WWW-Authenticate': `Bearer realm="watchdog"${wrong ? ', error="invalid_token"' : ''}` } },
  );
