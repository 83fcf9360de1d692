import { expect, test } from '@jest/globals';
import { hostMemory, memoryFrom } from '../../watchdog/adapters/host-memory.ts';

test('memory is read as the kernel writes it', () => {
  const meminfo =
    'MemTotal:       16384 kB\nMemFree:         1024 kB\nMemAvailable:    4096 kB\nBuffers:          100 kB\n';

  expect(memoryFrom(meminfo)).toEqual({ total: 16_777_216, available: 4_194_304 });
});

test.each([['MemTotal: 16384 kB\n'], ['MemTotal: 16384 kB\nMemAvailable: much\n'], ['']])(
  'what lacks a figure is no reading: %j',
  meminfo => {
    expect(() => memoryFrom(meminfo)).toThrow(/no line Mem(Total|Available)/);
  },
);

test('this machine has memory, and not all of it is taken', async () => {
  const { total, available } = await hostMemory();

  expect(total).toBeGreaterThan(2 ** 26);
  expect(available).toBeGreaterThan(0);
  expect(available).toBeLessThan(total);
});
