import type { Alternatives } from '../domain/alternative-port.ts';

type ByName = Readonly<Record<string, Alternatives>>;

/** Beside the usual port of each; `web` is for what HTTP servers mostly listen on inside of their containers. */
const BUILT_IN: ByName = {
  postgres: { inside: [5432], range: { first: 5433, last: 5440 } },
  redis: { inside: [6379], range: { first: 6380, last: 6390 } },
  web: { inside: [80, 443, 3000, 5000, 8000, 8080, 8443, 8888], range: { first: 9000, last: 9010 } },
};

/** The file's come first, so that one of them may take a port inside out of the built-in ones; one of the same name replaces it. */
export const alternativePorts = (own: ByName = {}): ByName => ({ ...own, ...BUILT_IN, ...own });
