import { mask } from '../domain/mask.ts';
import { STEERING, spelled } from '../domain/steering.ts';

/**
 * JSON for people and their programs: what looks like a secret, wherever it stands, is hidden (probe output, reasons, evidence);
 * what could steer the terminal on which it is read is spelled out, which means the same to a program (RFC 8259, section 7).
 */
export const toJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? mask(part) : part), indent).replace(
    STEERING,
    // Of JSON's own: the line ends of an indented text.
    found => (found === '\n' ? found : spelled(found)),
  );
