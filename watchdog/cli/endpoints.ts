import { pathPattern, type Right, rightsFor } from '../adapters/docker/endpoints.ts';
import { toJson } from '../serve/to-json.ts';

/** `watchdog check --endpoints`: what a socket proxy has to let through. Asks no engine. */
export function endpointsInWords(): string {
  return [
    'for reading (DOCKER_HOST):',
    ...table(rightsFor('reading')),
    '',
    'for acting (WATCHDOG_ACT_HOST; where it is not set, DOCKER_HOST needs these as well):',
    ...table(rightsFor('acting')),
    '',
    '* Only making a container again takes it. Who may create containers is root on the host.',
  ].join('\n');
}

/** The same for machines; `pattern` is a POSIX extended regular expression for the path. */
export const endpointsAsJson = (): string => {
  const withPattern = (right: Right) => ({ ...right, pattern: pathPattern(right.path) });
  return toJson({ reading: rightsFor('reading').map(withPattern), acting: rightsFor('acting').map(withPattern) }, 2);
};

function table(rights: readonly Right[]): string[] {
  const width = Math.max(...rights.map(({ path }) => path.length));
  return rights.map(
    ({ method, path, why, onlyToRecreate }) =>
      `  ${method.padEnd(6)} ${path.padEnd(width)} ${onlyToRecreate ? '*' : ' '} ${why}`,
  );
}
