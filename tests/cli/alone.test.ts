import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { openLedger } from '../../watchdog/record/ledger/open-ledger.ts';
import { anIncident, NOON, someDeps } from '../fakes/watchdog-view.ts';
import { command, nowhere } from './a-terminal.ts';

let stranger: Server | undefined;
afterEach(() => {
  stranger?.close();
});

describe('without a running watchdog', () => {
  test.each([
    ['repair', 'web'],
    ['resume', 'web'],
    ['pause', 'web', '--for', '5m'],
  ])('%s says that none can be reached', async (...args) => {
    const said = await command(nowhere(), ...args);

    expect(said.status).toBe(3);
    expect(said.err).toContain('no watchdog answers at http://127.0.0.1:2');
  });

  test.each([['status'], ['explain', 'web']])('and without an engine, %s says so', async (...args) => {
    const said = await command(nowhere(), ...args);

    expect(said.status).toBe(3);
    expect(said.err).toContain('the engine cannot be reached');
  });

  test.each([['history'], ['incidents']])(
    'and without a ledger, %s says where it looked, and begins none',
    async name => {
      const env = nowhere();

      const said = await command(env, name);

      expect(said.status).toBe(3);
      expect(said.err).toContain(`none has left its ledger at ${env.WATCHDOG_DATA}/ledger.sqlite`);
    },
  );

  test('incidents are read from the ledger that one left, without its secrets', async () => {
    const env = nowhere();
    const file = join(`${env.WATCHDOG_DATA}`, 'ledger.sqlite');
    const { ledger } = openLedger(file, { logger: someDeps().logger });
    ledger.openIncident(anIncident({ because: 'cannot reach redis://:geheim@cache' }), NOON - 60_000);
    ledger.close();

    const said = await command(env, 'incidents');

    expect(said.status).toBe(1);
    expect(said.out).toContain('cannot reach redis://:***@cache');
  });

  test('the token that none has made yet is not made by asking', async () => {
    const env = nowhere();

    const said = await command(env, 'token');

    expect(said).toMatchObject({
      status: 2,
      err: expect.stringContaining(`no token yet at ${env.WATCHDOG_DATA}/token`),
    });
  });

  test('a token file that cannot be read is named with reason and remedy', async () => {
    const env = nowhere();
    mkdirSync(join(`${env.WATCHDOG_DATA}`, 'token'));

    const said = await command(env, 'token');

    expect(said).toMatchObject({
      status: 2,
      err: expect.stringMatching(/token cannot be read by user \d+ \(EISDIR\): make it/),
    });
  });

  test('something else that answers there is not taken for one', async () => {
    stranger = createServer((_request, response) => response.end('{"hello":"world"}')).listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const { port } = stranger.address() as AddressInfo;

    const said = await command({ ...nowhere(), WATCHDOG_PORT: String(port) }, 'incidents');

    expect(said).toMatchObject({ status: 3, err: expect.stringContaining('is not this watchdog') });
  });
});

describe('check', () => {
  test('prints what is in force and where it came from, and that the engine is away', async () => {
    const said = await command({ ...nowhere(), WATCHDOG_INTERVAL: '45' }, 'check');

    expect(said.status).toBe(3);
    expect(said.out).toMatch(/WATCHDOG_INTERVAL +45s +env WATCHDOG_INTERVAL/);
    expect(said.out).toContain('cannot be reached');
  });

  test('names place, found, expected and remedy of what is wrong', async () => {
    const said = await command({ ...nowhere(), WATCHDOG_INTERVALL: '5' }, 'check');

    expect(said.status).toBe(2);
    expect(said.out).toMatch(/env WATCHDOG_INTERVALL: found .* expected .* Did you mean WATCHDOG_INTERVAL\?/);
  });

  test('prints JSON for programs', async () => {
    const said = await command(nowhere(), 'check', '--json');

    expect(JSON.parse(said.out)).toMatchObject({
      problems: [],
      engines: [{ purpose: 'reading and acting', error: expect.stringContaining('cannot be reached') }],
    });
  });

  test('--endpoints prints what a socket proxy has to let through, and asks nobody', async () => {
    const said = await command(nowhere(), 'check', '--endpoints');

    const [reading = '', acting = ''] = said.out.split('for acting');
    expect(said).toMatchObject({ status: 0, err: '' });
    expect(reading).toMatch(/GET +\/events +what happens to containers/);
    expect(reading).not.toMatch(/POST|DELETE/);
    expect(acting).toMatch(/POST +\/containers\/\{id\}\/restart +restart/);
    expect(acting).toMatch(/POST +\/containers\/create +recreate.* \(\* MAY_RECREATE\)/);
  });

  test('--endpoints --json has a pattern for each path', async () => {
    const said = await command(nowhere(), 'check', '--endpoints', '--json');

    const { reading } = JSON.parse(said.out);
    expect(reading).toContainEqual({
      endpoint: 'containers/inspect',
      method: 'GET',
      path: '/containers/{id}/json',
      pattern: '^/containers/[a-zA-Z0-9][a-zA-Z0-9_.-]*/json$',
      why: 'how one container stands, before and after each decision',
    });
  });
});

test('run refuses bad settings with every problem, before it touches anything', async () => {
  const said = await command({ ...nowhere(), WATCHDOG_INTERVALL: '5', WATCHDOG_PORT: 'x' }, 'run');

  expect(said.status).toBe(2);
  expect(said.err).toContain('env WATCHDOG_INTERVALL');
  expect(said.err).toContain('env WATCHDOG_PORT');
});
