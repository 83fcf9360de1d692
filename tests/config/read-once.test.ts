import { expect, test } from '@jest/globals';
import { readOnce } from '../../watchdog/config/read-once.ts';

const WEB = { project: 'shop', service: 'web' };
const DB = { project: 'shop', service: 'db' };
const LABELS = { auto_repair: 'false' };

/** Says what was read for the how-many-th time. */
function aReader() {
  const parts = { settings: {}, playbooks: {} };
  let times = 0;
  const read = readOnce(
    () => [parts.settings, parts.playbooks],
    ({ service }, labels) => {
      times += 1;
      return `${service} ${JSON.stringify(labels)} ${times}`;
    },
  );
  return { parts, read };
}

test('the same labels of the same service are read once', () => {
  const { read } = aReader();

  expect(read(WEB, LABELS)).toBe(read(WEB, LABELS));
});

test.each(['settings', 'playbooks'] as const)('and once more when the %s were read anew', part => {
  const { read, parts } = aReader();
  read(WEB, LABELS);

  parts[part] = {};

  expect(read(WEB, LABELS)).toBe('web {"auto_repair":"false"} 2');
  expect(read(WEB, LABELS)).toBe('web {"auto_repair":"false"} 2');
});

test('what was read for one service is not told of another one', () => {
  const { read } = aReader();
  read(WEB, LABELS);

  expect(read(DB, LABELS)).toBe('db {"auto_repair":"false"} 2');
});

test('other labels are read, even if they say the same', () => {
  const { read } = aReader();
  read(WEB, LABELS);

  expect(read(WEB, { ...LABELS })).toBe('web {"auto_repair":"false"} 2');
});
