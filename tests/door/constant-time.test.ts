import type { timingSafeEqual } from 'node:crypto';
import { expect, jest, test } from '@jest/globals';
import type { Request, Response } from 'express';
import { TOKEN } from '../fakes/watchdog-view.ts';

// Whether two texts are compared in constant time cannot be measured on a machine that does other things as well. It can be
// seen that there is one comparison, that it is the one made for it, and that both its sides are digests.
const real = await import('node:crypto');
const compared: [number, number][] = [];
jest.unstable_mockModule('node:crypto', () => ({
  ...real,
  timingSafeEqual: ((a, b) => {
    compared.push([a.byteLength, b.byteLength]);
    return real.timingSafeEqual(a, b);
  }) satisfies typeof timingSafeEqual,
}));
const { authenticate } = await import('../../watchdog/serve/authenticate.ts');

test('a token is compared by its digest, in a time that does not depend on how much of it is right', async () => {
  const guard = authenticate(TOKEN, 1_000);
  const answers: string[] = [];

  for (const given of ['x', TOKEN.slice(0, -1), `${TOKEN}x`, 'x'.repeat(8_000), TOKEN]) {
    const request = {
      ip: '127.0.0.1',
      headersDistinct: { authorization: [`Bearer ${given}`] },
      app: { get: () => false },
    };
    const response = { setHeader: () => undefined, append: () => undefined, headersSent: false };
    const answer = Promise.withResolvers<unknown>();
    guard(request as unknown as Request, response as unknown as Response, answer.resolve);
    answers.push((await answer.promise) === undefined ? 'passed' : 'refused');
  }

  expect(answers).toEqual(['refused', 'refused', 'refused', 'refused', 'passed']);
  expect(compared).toEqual(Array(5).fill([32, 32]));
});
