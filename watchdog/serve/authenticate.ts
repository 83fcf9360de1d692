import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { limitPerMinute } from './limits.ts';
import { Problem } from './problem.ts';

/** Requests that came with the token. By the request and not on it, so that nothing that was sent can be taken for it. */
const passed = new WeakSet<IncomingMessage>();

/** Whether the request came with the token. False until `authenticate` has seen it. */
export const isFromFriend = (request: IncomingMessage): boolean => passed.has(request);

/**
 * Lets nobody pass without `Authorization: Bearer <token>`: 401, and 429 for an address that fails too often. The right token
 * always passes, whatever else comes from its address: behind a published port all outside clients have one address. That a wrong one
 * can be tried again and again does not help those who guess: a token has 16 characters at least, our own 256 bits.
 */
export function authenticate(token: string, failuresPerMinute: number): RequestHandler {
  const right = digest(token);
  const failures = limitPerMinute(failuresPerMinute, { because: 'too many wrong tokens from this address' });
  return (request, response, next) => {
    const given = tokenOf(request);
    if (given !== undefined && timingSafeEqual(digest(given), right)) {
      passed.add(request);
      next();
    } else failures(request, response, error => next(error ?? unauthorized(given !== undefined)));
  };
}

// Digests have one length, so that comparing takes the same time whatever was sent (RFC 6750 for the header).
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Undefined where the header comes twice: a proxy before us may have judged the other one (RFC 9110, section 5.3). */
function tokenOf(request: Request): string | undefined {
  const [header, ...others] = request.headersDistinct.authorization ?? [];
  return others.length === 0 ? /^Bearer +([^ ]+) *$/i.exec(header ?? '')?.[1] : undefined;
}

const unauthorized = (wrong: boolean): Problem =>
  new Problem(
    401,
    wrong
      ? 'the token is wrong; `watchdog token` prints the right one'
      : 'this needs Authorization: Bearer <token>; `watchdog token` prints it',
    { headers: { 'WWW-Authenticate': `Bearer realm="watchdog"${wrong ? ', error="invalid_token"' : ''}` } },
  );
