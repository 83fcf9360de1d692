import { STEERING, spelled } from '../domain/steering.ts';

/** Text from elsewhere, safe to print in a terminal: control characters are shown as `\x1b`. Lines stay lines. */
export const plain = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(STEERING, found => {
    if (found === '\n' || found === '\t') return found;
    const code = found.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : spelled(found);
  });

/** The same on one line, for a cell of a table. */
export const plainLine = (text: string): string =>
  plain(text)
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .join(' ');
