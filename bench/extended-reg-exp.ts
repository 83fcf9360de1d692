/** An expression of the patterns' language as POSIX has it (`grep -E`): what it calls otherwise is put into its words. */
export function extendedRegExp(source: string): string {
  let inSet = false;
  return source.replace(/\(\?(?::|<\w+>)|\\.|\[\^?|\]/g, token => {
    if (token.startsWith('(?')) return inSet ? token : '(';
    if (token === ']') {
      inSet = false;
      return token;
    }
    if (token.startsWith('[')) {
      if (inSet) return token;
      inSet = true;
      return token;
    }
    const escaped = token.slice(1);
    if (inSet) return IN_SET[escaped] ?? escaped;
    return OUTSIDE[escaped] ?? token;
  });
}

const IN_SET: Readonly<Record<string, string>> = { d: '0-9', w: '[:alnum:]_', s: '[:space:]', n: '\r', t: '\t' };
// A line of grep ends before its end.
const OUTSIDE: Readonly<Record<string, string>> = { d: '[0-9]', n: '$', t: '\t' };
