import { mask } from '../domain/mask.ts';

/** JSON for people and their programs: what looks like a secret, wherever it stands, is hidden (probe output, reasons, evidence). */
export const toJson = (value: unknown, indent?: number): string =>
  JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? mask(part) : part), indent);
