import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf } from './code-of.ts';

/** Where the API's token can come from, first to last. */
export interface TokenSource {
  /** `WATCHDOG_TOKEN`; empty counts as not set. */
  readonly token: string | undefined;
  /** `WATCHDOG_TOKEN_FILE`; empty counts as not set. */
  readonly tokenFile: string | undefined;
  readonly dataFolder: string;
}

/** The token cannot be had. The message names the place, what was found and what to do. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

/** Below this, guessing becomes thinkable. */
const SHORTEST = 16;

/** The token of the API, made and kept in the data folder at the first start. Throws `TokenError`. */
export async function ensureToken(source: TokenSource): Promise<string> {
  return (await readToken(source)) ?? (await makeToken(source.dataFolder));
}

/** The token of the API, or undefined when none was ever made. Throws `TokenError`. */
export async function readToken(source: TokenSource): Promise<string | undefined> {
  if (source.token) return checked(source.token, 'env WATCHDOG_TOKEN');
  if (source.tokenFile) {
    const place = `token file ${source.tokenFile} (env WATCHDOG_TOKEN_FILE)`;
    const text = await readText(source.tokenFile, place);
    if (text === undefined) throw unreadable(place, 'ENOENT');
    return checked(text, place);
  }
  return readOwn(source.dataFolder);
}

/** Where a token of our own making is kept. */
export const tokenPath = ({ dataFolder }: Pick<TokenSource, 'dataFolder'>): string => join(dataFolder, 'token');

async function readOwn(dataFolder: string): Promise<string | undefined> {
  const place = `token file ${tokenPath({ dataFolder })}`;
  const text = await readText(tokenPath({ dataFolder }), place);
  return text === undefined ? undefined : checked(text, place);
}

async function makeToken(dataFolder: string): Promise<string> {
  const path = tokenPath({ dataFolder });
  const token = randomBytes(32).toString('base64url');
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(dataFolder, { recursive: true });
    await writeFile(draft, `${token}\n`, { mode: 0o600, flag: 'wx' });
    // A link is made whole or not at all, and never over a token that another process made meanwhile.
    await link(draft, path);
    return token;
  } catch (error) {
    const code = codeOf(error);
    const other = code === 'EEXIST' ? await readOwn(dataFolder) : undefined;
    if (other !== undefined) return other;
    throw new TokenError(
      `cannot keep a token in ${path} (${code}): make the folder writable for user ${process.getuid?.()}, or set WATCHDOG_TOKEN`,
    );
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function readText(path: string, place: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return undefined;
    throw unreadable(place, code);
  }
}

const unreadable = (place: string, code: string): TokenError =>
  new TokenError(
    `${place} cannot be read by user ${process.getuid?.()} (${code}): ` +
      'make it a file that this user may read, or set WATCHDOG_TOKEN',
  );

function checked(text: string, place: string): string {
  const token = text.trim();
  // Without a word of what was found: it may be nearly the secret.
  if (!/^[\x21-\x7e]*$/.test(token))
    throw new TokenError(
      `${place}: found spaces or letters beyond ASCII, expected one word that fits into an HTTP header`,
    );
  if (token.length < SHORTEST)
    throw new TokenError(
      `${place}: found ${token.length} characters, expected at least ${SHORTEST}; make one with: openssl rand -hex 32`,
    );
  return token;
}
