import { EngineError } from './docker.ts';

/** What dockerode rejects with: an HTTP answer outside the expected ones, or Node's own error. */
interface Rejection extends Error {
  readonly statusCode?: number;
  /** Node's, `ECONNREFUSED`. */
  readonly code?: string;
}

/**
 * The rejection of an engine call as an `EngineError` whose sentence names the call.
 * @param call `restart of container 3f2a...`
 */
export function engineErrorFrom(call: string, rejection: unknown): EngineError {
  const { statusCode: status, code, message } = rejection as Rejection;
  if (status === undefined) {
    return new EngineError(
      'unreachable',
      `${call}: the engine cannot be reached (${message})${hint(code)}`,
      undefined,
      rejection,
    );
  }
  return new EngineError(
    codeOf(status),
    `${call}: the engine answered ${status}: ${wordsOf(message)}`,
    status,
    rejection,
  );
}

function codeOf(status: number): EngineError['code'] {
  if (status === 404) return 'not-found';
  if (status === 409) return 'conflict';
  return status >= 500 ? 'engine-error' : 'refused';
}

/** docker-modem puts `(HTTP code 500) server error - ` before the engine's own words. */
const wordsOf = (message: string): string => message.replace(/^\(HTTP code \d+\) .*? - /, '').trim();

function hint(code: string | undefined): string {
  if (code === 'ENOENT') return '; is it running, and is its socket mounted?';
  if (code === 'EACCES') return "; this user may not open the socket: add the socket's group, or use a socket proxy";
  return '';
}
