import { describe, expect, test } from '@jest/globals';
import type { LiveEvent, LogViewing } from '../../watchdog/domain/live-log.ts';
import { FakeView } from '../fakes/watchdog-view.ts';
import { beside, command, nowhere, type Said } from './a-terminal.ts';

const ERROR = { type: 'PORT_CONFLICT', severity: 'critical', pattern: 'node-listen' } as const;

const aLine = (text: string, error?: typeof ERROR): LiveEvent => ({
  type: 'line',
  at: '2026-03-01T10:00:00.123456789Z',
  stream: 'stderr',
  text,
  cut: false,
  error,
});

/** What is shown of these events by a watchdog that stops then. */
async function tailing(events: readonly LiveEvent[], ...args: readonly string[]): Promise<Said> {
  const closing = new AbortController();
  const view = new FakeView();
  view.watchLog = (_container, listener): LogViewing => {
    setImmediate(() => {
      for (const event of events) listener(event);
      closing.abort();
    });
    return { verdict: 'watching', project: 'shop', service: 'web', end: () => undefined };
  };
  return beside({ view, closing: closing.signal }, 'errors', 'tail', 'shop-web-1', ...args);
}

describe('errors tail', () => {
  test('shows lines as they come, and below a line what error it begins', async () => {
    const said = await tailing([
      aLine('fine'),
      aLine('EADDRINUSE', ERROR),
      { type: 'mark', at: '2026-03-01T10:00:00.000Z', error: ERROR, text: 'Exception\n  Caused by: it' },
      { type: 'skipped', lines: 12 },
      { type: 'left' },
    ]);

    expect(said.out.split('\n')).toEqual([
      '2026-03-01T10:00:00.123 err fine',
      '2026-03-01T10:00:00.123 err EADDRINUSE',
      '  ^ PORT_CONFLICT critical (node-listen)',
      '  ^ PORT_CONFLICT critical (node-listen) 2026-03-01T10:00:00.000 Exception Caused by: it',
    ]);
    expect(said.err).toContain('12 lines were written too fast to be shown');
    expect(said.err).toContain('the container has ended');
  });

  test('ends with the watchdog, and says so', async () => {
    expect(await tailing([])).toMatchObject({ status: 3, err: 'the watchdog ended the stream: it is stopping' });
  });

  test('--errors shows errors only', async () => {
    const said = await tailing([aLine('fine'), aLine('EADDRINUSE', ERROR), { type: 'left' }], '--errors');

    expect(said.out).toBe('2026-03-01T10:00:00.123 err EADDRINUSE\n  ^ PORT_CONFLICT critical (node-listen)');
  });

  test('--json prints an event a line, for programs', async () => {
    const said = await tailing([aLine('EADDRINUSE', ERROR), { type: 'skipped', lines: 2 }], '--json');

    expect(said.out.split('\n').map(line => JSON.parse(line))).toEqual([
      expect.objectContaining({ event: 'line', text: 'EADDRINUSE', error: ERROR }),
      { event: 'skipped', lines: 2 },
    ]);
  });

  test('lets no container write to the terminal', async () => {
    const { out } = await tailing([aLine('said \u001b]0;owned\u0007\u001b[2J and \u202egnihton')]);

    expect(out).toContain('said \\x1b]0;owned\\x07\\x1b[2J and \\u202egnihton');
  });

  test('names the containers there are, where there is none of this name', async () => {
    const view = new FakeView();
    view.viewing = { verdict: 'unknown', containers: ['shop-web-1'] };

    expect(await beside({ view }, 'errors', 'tail', 'web')).toMatchObject({
      status: 2,
      err: 'there is no such container in scope\n  shop-web-1',
    });
  });

  test('says that none can be reached without a running watchdog', async () => {
    expect(await command(nowhere(), 'errors', 'tail', 'shop-web-1')).toMatchObject({
      status: 3,
      err: expect.stringContaining('no watchdog answers'),
    });
  });
});
