import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import type { Logger } from '../adapters/logger.ts';
import { codeOf } from './code-of.ts';
import { ensureToken, TokenError, type TokenSource } from './token.ts';

/**
 * The token of the API, made where there is none, and copied to `tokenCopy`. Without the copy Alertmanager is turned away;
 * that is no reason to leave the services alone, so it is only logged.
 * @throws TokenError where there is no token to be had
 */
export async function sharedToken(
  source: TokenSource & { readonly tokenCopy: string | undefined },
  logger: Pick<Logger, 'error'>,
): Promise<string> {
  const token = await ensureToken(source);
  if (source.tokenCopy !== undefined)
    await copyToken(token, source.tokenCopy).catch(error =>
      logger.error('the token is not shared', { error: String(error) }),
    );
  return token;
}

/**
 * Puts the API's token where those who call us, Alertmanager above all, can read it without seeing the rest of the data
 * folder. Mode 0640: they are to share the group. Whole or not at all, so that nobody ever reads half a token.
 * @throws TokenError with what to do
 */
async function copyToken(token: string, path: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(draft, `${token}\n`, { mode: 0o640, flag: 'wx' });
    await rename(draft, path);
  } catch (error) {
    throw new TokenError(
      `cannot put a copy of the token at ${path} (env WATCHDOG_TOKEN_COPY; ${codeOf(error)}): mount a volume there that user ${process.getuid?.()} may write to, or unset it; until then Alertmanager's calls are refused`,
    );
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}
