// Control characters other than tab and line feed, and Unicode's direction marks (Trojan Source, CVE-2021-42574): what a
// container prints must not move the cursor, set the window's title or reorder what is read.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const DANGEROUS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Text from elsewhere, safe to print in a terminal: control characters are shown as `\x1b`. Lines stay lines. */
export const plain = (text: string): string =>
  text.replaceAll('\r\n', '\n').replace(DANGEROUS, found => {
    const code = found.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });

/** The same on one line, for a cell of a table. */
export const plainLine = (text: string): string =>
  plain(text)
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();
