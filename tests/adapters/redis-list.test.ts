import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { redisListLength } from '../../watchdog/adapters/redis-list.ts';

// A server that answers each command as Redis 7 does; what it is told is kept byte for byte.
let server: Server;
let port: number;
let told: string;
let answers: (command: string) => string;
const sockets = new Set<Socket>();

beforeEach(async () => {
  told = '';
  answers = command => (command === 'LLEN' ? ':7\r\n' : '+OK\r\n');
  server = createServer(socket => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', bytes => {
      told += bytes.toString();
      for (const [, command = ''] of bytes.toString().matchAll(/\*\d+\r\n\$\d+\r\n([A-Z]+)/g))
        socket.write(answers(command));
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  // One test has closed it already, which is an error to the callback and none to us.
  await new Promise<void>(resolve => server.close(() => resolve()));
});

const length = (userinfo = '', rest = '/0#celery') => redisListLength(`redis://${userinfo}127.0.0.1:${port}${rest}`);

describe('the length of a list', () => {
  test('is asked for with one command', async () => {
    expect(await length()).toBe(7);
    expect(told).toBe('*2\r\n$4\r\nLLEN\r\n$6\r\ncelery\r\n');
  });

  test('is 0 where there is none of that name', async () => {
    answers = () => ':0\r\n';

    expect(await length()).toBe(0);
  });

  test.each([
    ['a password alone', ':s3%40cret@', '/0#celery', '*2\r\n$4\r\nAUTH\r\n$6\r\ns3@cret\r\n'.replace('$6', '$7')],
    ['a user and a password', 'ann:s3cret@', '/0#celery', '*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$6\r\ns3cret\r\n'],
    ['another database', '', '/3#celery', '*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n'],
    ['no database', '', '#celery', ''],
  ])('goes with %s', async (_, userinfo, rest, before) => {
    expect(await length(userinfo, rest)).toBe(7);
    expect(told).toBe(`${before}*2\r\n$4\r\nLLEN\r\n$6\r\ncelery\r\n`);
  });

  test('is asked for byte for byte: a name can be no command', async () => {
    await length('', `#${encodeURIComponent('für\r\nFLUSHALL')}`);

    expect(told).toBe('*2\r\n$4\r\nLLEN\r\n$14\r\nfür\r\nFLUSHALL\r\n');
  });

  test('may arrive in pieces', async () => {
    answers = () => {
      setImmediate(() => {
        for (const socket of sockets) socket.write('5\r\n');
      });
      return ':1234';
    };

    expect(await length()).toBe(12_345);
  });
});

describe('no length, and a reason that names neither address nor password', () => {
  test.each([
    [
      'a key that is no list',
      '-WRONGTYPE Operation against a key holding the wrong kind of value\r\n',
      'Redis refuses: WRONGTYPE Operation against a key holding the wrong kind of value',
    ],
    [
      'a server that wants a password',
      '-NOAUTH Authentication required.\r\n',
      'Redis refuses: NOAUTH Authentication required.',
    ],
    ['a server that is none', 'HTTP/1.1 400 Bad Request\r\n', 'it does not answer like Redis'],
    ['a server that talks without end', 'x'.repeat(5_000), 'it does not answer like Redis'],
  ])('%s', async (_, answer, reason) => {
    answers = () => answer;

    await expect(length(':hunter2@')).rejects.toThrow(new Error(reason));
  });

  test('nobody there', async () => {
    await new Promise(resolve => server.close(resolve));

    await expect(length(':hunter2@')).rejects.toThrow(new Error('ECONNREFUSED'));
  });

  test('a server that hangs up', async () => {
    server.on('connection', socket => socket.end());

    await expect(length()).rejects.toThrow(new Error('it closed the connection'));
  });

  test('a question that is called off', async () => {
    answers = () => '';
    const over = new AbortController();
    const asked = redisListLength(`redis://127.0.0.1:${port}#celery`, over.signal);
    server.once('connection', () => over.abort());

    await expect(asked).rejects.toThrow(new Error('ABORT_ERR'));
  });
});
