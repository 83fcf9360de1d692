import { describe, expect, test } from '@jest/globals';
import { settingsInForce } from '../../watchdog/config/describe.ts';
import { loadSettings } from '../../watchdog/config/load-settings.ts';
import { formatProblem } from '../../watchdog/config/problem.ts';

const load = (yaml: string) => loadSettings({ env: {}, readFile: () => yaml, inContainer: true });

describe('the section disk', () => {
  test('watches with the defaults where it is left out, and touches only what nothing needs', () => {
    expect(load('').settings.disk).toEqual({
      paths: [],
      threshold: 0.1,
      cleanup: {
        buildCache: true,
        danglingImages: true,
        logsOlderThan: 7 * 86_400_000,
        logPaths: [],
        stoppedContainers: false,
        systemPrune: false,
      },
    });
  });

  test('says what is watched and what may go, and where each was said', () => {
    const { settings, problems } = load(`
disk:
  paths: [/srv, /var/lib/docker]
  threshold: 5%
  cleanup: { dangling_images: no, logs_older_than: 2d, log_paths: [/var/log/shop], system_prune: yes }
`);

    expect(problems).toEqual([]);
    expect(settings.disk).toMatchObject({ paths: ['/srv', '/var/lib/docker'], threshold: 0.05 });
    expect(settings.disk.cleanup).toMatchObject({
      danglingImages: false,
      logsOlderThan: 2 * 86_400_000,
      logPaths: ['/var/log/shop'],
      systemPrune: true,
    });
    const shown = settingsInForce(settings).filter(({ name }) => name.startsWith('disk.'));
    expect(shown.map(({ name, value, origin }) => `${name} ${value} ${origin}`)).toEqual([
      'disk.paths /srv, /var/lib/docker watchdog.yml:3',
      'disk.threshold 5% watchdog.yml:4',
      'disk.cleanup.build_cache true default',
      'disk.cleanup.dangling_images false watchdog.yml:5',
      'disk.cleanup.logs_older_than 2d watchdog.yml:5',
      'disk.cleanup.log_paths /var/log/shop watchdog.yml:5',
      'disk.cleanup.stopped_containers false default',
      'disk.cleanup.system_prune true watchdog.yml:5',
    ]);
  });

  test.each([
    { line: 'threshold: 0', expected: 'a share such as 10% or 0.1' },
    { line: 'threshold: 100%', expected: 'a share such as 10% or 0.1' },
    { line: 'threshold: ten', expected: 'a share such as 10% or 0.1' },
    { line: 'paths: [data]', expected: 'an absolute path such as /var/lib/docker' },
    { line: 'paths: [/data/../etc]', expected: 'an absolute path such as /var/lib/docker' },
    { line: 'cleanup: { logs_older_than: 5m }', expected: 'at least 1h' },
    { line: 'cleanup: { volumes: true }', expected: 'build_cache' },
  ])('refuses $line', ({ line, expected }) => {
    expect(load(`disk:\n  ${line}\n`).problems.map(formatProblem)).toEqual([expect.stringContaining(expected)]);
  });
});
