import { expect, test } from '@jest/globals';
import { whyReadOnly } from '../../watchdog/diagnose/read-only.ts';
import type { StandingError } from '../../watchdog/domain/error-book.ts';
import { aReplica } from '../fakes/a-service.ts';

const MADE = { '/': true, '/data': true, '/data/config': false, '/etc/app': false };

const why = (
  sample: string,
  captures: Record<string, string>,
  mayWrite: Readonly<Record<string, boolean>>,
): string | undefined =>
  whyReadOnly(
    { error: { captures } as unknown as StandingError['error'], sample },
    aReplica({ inspected: { mayWrite } }),
  );

test.each<[string, string, string, Readonly<Record<string, boolean>>]>([
  [
    'a mount that is read-only as it was made is named',
    '/etc/app/x',
    'its Compose file mounts /etc/app read-only',
    MADE,
  ],
  ['the innermost mount counts', '/data/config/x', 'its Compose file mounts /data/config read-only', MADE],
  [
    'a mount that it may write to has a disk in trouble',
    '/data/x',
    'lets it write at /data, so the file system of the host',
    MADE,
  ],
  ['a name that begins alike is no place of a mount', '/data-old/x', 'lets it write at /, so', MADE],
  [
    'what is no mount may be read-only by itself',
    '/tmp/x',
    'says read_only: true for all that is no mount',
    { '/': false },
  ],
])('%s', (_, path, words, mayWrite) => {
  expect(why(`touch: ${path}: Read-only file system`, { path }, mayWrite)).toContain(words);
});

test('where the log does not say where, all that is read-only is named', () => {
  expect(why('EROFS', {}, MADE)).toContain('does not let it write at /data/config, /etc/app; if it is not there');
  expect(why('OSError: [Errno 30]', {}, { '/': true })).toContain('so the file system of the host is read-only');
});

test('of another trouble, and of a container that nobody has looked at, nothing is said', () => {
  expect(why('touch: /etc/app/x: Permission denied', { path: '/etc/app/x' }, MADE)).toBeUndefined();
  expect(
    whyReadOnly({ error: { captures: {} } as unknown as StandingError['error'], sample: 'EROFS' }, undefined),
  ).toBeUndefined();
});
