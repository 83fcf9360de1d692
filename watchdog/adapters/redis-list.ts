import { createConnection } from 'node:net';
import { type Duration, seconds } from '../domain/time.ts';

/**
 * How many items a Redis list holds; 0 where there is none of that name, for Redis removes a list with its last item.
 * @param address `redis://[user:password@]host[:port][/database]#list`
 * Rejects with an error whose message is a reason in a few words, and names neither address nor password.
 */
export type ListLength = (address: string, signal?: AbortSignal) => Promise<number>;

/** From connecting to the last answer. */
const PATIENCE: Duration = seconds(5);
/** Three answers of one line each; a server that says more is none. */
const LONGEST_ANSWER = 4_096;
const DEFAULT_PORT = 6_379;

/** One connection a question, as it is asked once a minute (Redis serialization protocol, https://redis.io/docs/reference/protocol-spec/). */
export const redisListLength: ListLength = async (address, signal) => {
  const url = new URL(address);
  const commands = commandsFor(url);
  const late = AbortSignal.timeout(PATIENCE);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const socket = createConnection({
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    signal: signal === undefined ? late : AbortSignal.any([signal, late]),
  });
  let text = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    const answers = text.split('\r\n').slice(0, -1);
    const refusal = answers.find(answer => !answer.startsWith('+') && !answer.startsWith(':'));
    if (refusal !== undefined) reject(new Error(refusalInWords(refusal)));
    else if (answers.length >= commands.length) resolve(lengthIn(answers.at(commands.length - 1) ?? ''));
    else if (text.length > LONGEST_ANSWER) reject(new Error('it does not answer like Redis'));
  });
  socket.on('error', error => reject(new Error(late.aborted ? `no answer within ${PATIENCE} ms` : reasonOf(error))));
  socket.on('close', () => reject(new Error('it closed the connection')));
  socket.write(commands.map(encoded).join(''));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
};

function commandsFor({ username, password, pathname, hash }: URL): readonly (readonly string[])[] {
  const secret = decodeURIComponent(password);
  const user = decodeURIComponent(username);
  const database = pathname.replace('/', '');
  return [
    ...(secret === '' ? [] : [user === '' ? ['AUTH', secret] : ['AUTH', user, secret]]),
    ...(database === '' || database === '0' ? [] : [['SELECT', database]]),
    ['LLEN', decodeURIComponent(hash.slice(1))],
  ];
}

/** An array of bulk strings, each with its length in bytes: no byte of data can become a command. */
const encoded = (words: readonly string[]): string =>
  `*${words.length}\r\n${words.map(word => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

function lengthIn(answer: string): number {
  const length = /^:(\d{1,15})$/.exec(answer)?.[1];
  return length === undefined ? Number.NaN : Number(length);
}

/** `-WRONGTYPE Operation against ...`: the server's own words. */
const refusalInWords = (answer: string): string =>
  answer.startsWith('-') ? `Redis refuses: ${answer.slice(1, 201)}` : 'it does not answer like Redis';

/** Node's own messages name the host. */
const reasonOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : 'the connection broke';
