import { describe, expect, test } from '@jest/globals';
import {
  dataComplaint,
  groupsFor,
  STAYING_FLAGS,
  socketComplaint,
  socketPath,
  socketPaths,
  successor,
} from '../watchdog/entrypoint.ts';

describe('the entrypoint finds the sockets', () => {
  test.each([
    ['unix:///run/user/1000/docker.sock', '/run/user/1000/docker.sock'],
    ['unix://', '/var/run/docker.sock'],
    ['/var/run/docker.sock', '/var/run/docker.sock'],
    ['tcp://proxy:2375', undefined],
    ['ssh://someone@somewhere', undefined],
    ['', undefined],
  ])('of DOCKER_HOST %j it is %j', (host, path) => {
    expect(socketPath(host)).toBe(path);
  });

  test('looks at the usual socket when nothing is set', () => {
    expect(socketPaths({})).toEqual(['/var/run/docker.sock']);
  });

  test('looks at no socket when the engine is behind a proxy', () => {
    expect(socketPaths({ DOCKER_HOST: 'tcp://proxy:2375' })).toEqual([]);
  });

  test('looks at both sockets when reading and acting are apart, and once when they are not', () => {
    expect(socketPaths({ DOCKER_HOST: 'unix:///r.sock', WATCHDOG_ACT_HOST: 'unix:///w.sock' })).toEqual([
      '/r.sock',
      '/w.sock',
    ]);
    expect(socketPaths({ WATCHDOG_ACT_HOST: 'unix:///var/run/docker.sock' })).toEqual(['/var/run/docker.sock']);
  });
});

describe('the entrypoint keeps the groups that open the sockets', () => {
  test('the group of each, once', () => {
    const sockets = ['/a', '/b'].map(path => ({ path, uid: 0, gid: 998 }));

    expect(groupsFor(sockets)).toEqual([998]);
  });

  test('even when it is the group of root', () => {
    expect(groupsFor([{ path: '/a', uid: 0, gid: 0 }])).toEqual([0]);
  });

  test('and none for a socket that is not there', () => {
    expect(groupsFor([{ path: '/a', missing: true }])).toEqual([]);
  });
});

describe('the entrypoint says what is wrong and what to do', () => {
  test('how to mount a socket that is missing, and goes on', () => {
    const complaint = socketComplaint({ path: '/var/run/docker.sock', missing: true }, false, 1000);

    expect(complaint?.because).toContain('/var/run/docker.sock:/var/run/docker.sock');
    expect(complaint?.fatal).toBe(false);
  });

  test('the group to add when the operator chose a user that may not use the socket', () => {
    const complaint = socketComplaint({ path: '/s', uid: 0, gid: 998 }, false, 4242);

    expect(complaint?.because).toContain('group_add: ["998"]');
    expect(complaint?.because).toContain("leave out 'user:'");
  });

  test('nothing when the socket can be used', () => {
    expect(socketComplaint({ path: '/s', uid: 0, gid: 998 }, true, 1000)).toBeUndefined();
  });

  test('the owner found and the chown that helps when the data folder can not be written', () => {
    const complaint = dataComplaint('/data', { uid: 0, gid: 0 }, 1000);

    expect(complaint.because).toContain('belongs to 0:0');
    expect(complaint.because).toContain('chown -R 1000:1000');
    expect(complaint.fatal).toBe(true);
  });

  test('how to mount a volume when there is no data folder', () => {
    expect(dataComplaint('/data', undefined, 1000).because).toContain('watchdog-data:/data');
  });
});

describe('the entrypoint hands over', () => {
  test('to tini and the command line for the long-running command, with flags that keep it small', () => {
    const argv = successor(['run'], '/bin/node', ['--import=x'], '/app/watchdog', '/sbin/tini');

    expect(argv).toEqual([
      ...['/sbin/tini', '--', '/bin/node', '--import=x'],
      ...STAYING_FLAGS,
      ...['/app/watchdog/cli.ts', 'run'],
    ]);
  });

  test('to the command line alone for the short ones, and where there is no tini', () => {
    expect(successor(['token'], '/bin/node', [], '/app', '/sbin/tini')).toEqual(['/bin/node', '/app/cli.ts', 'token']);
    expect(successor(['run', '--help'], '/bin/node', [], '/app', '/sbin/tini')[0]).toBe('/bin/node');
    expect(successor(['run'], '/bin/node', [], '/app', undefined)[0]).toBe('/bin/node');
  });
});
