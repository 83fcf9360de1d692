import type { Request } from 'express';
import { type RateLimitRequestHandler, rateLimit } from 'express-rate-limit';
import { Problem } from './problem.ts';

/** How much one remote address may ask in a minute. */
export interface Limits {
  /** With the token; and of the metrics, which cost more than the other open routes, without. */
  readonly requestsPerMinute: number;
  /** Wrong or missing tokens, before they are answered with 429. */
  readonly failuresPerMinute: number;
}

/** Behind a published port, Docker shows all outside clients as one address: the limits are for all of them together. */
export const LIMITS: Limits = { requestsPerMinute: 1_200, failuresPerMinute: 60 };

/** Counts requests by remote address (IPv6: by /56 network) and answers 429 with Retry-After above the limit. */
export const limitPerMinute = (
  limit: number,
  { because = 'too many requests; wait before asking again', isExempt = () => false }: LimitOptions = {},
): RateLimitRequestHandler =>
  rateLimit({
    skip: isExempt,
    windowMs: 60_000,
    limit,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    // No proxy is trusted, so X-Forwarded-For means nothing to us; a client that sends it must not fill the log.
    validate: { xForwardedForHeader: false, forwardedHeader: false },
    handler: (_request, _response, next) => next(new Problem(429, because)),
  });

interface LimitOptions {
  readonly because?: string;
  readonly isExempt?: (request: Request) => boolean;
}
