/**
 * Characters by which text from elsewhere could steer who prints or reads it: control characters (escape sequences for terminals
 * begin with one), Unicode's line ends, and the marks that turn the direction of writing (Trojan Source, CVE-2021-42574).
 */
export const STEERING = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** The character as JSON and people can read it: `\u001b`. */
export const spelled = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
