const HIDDEN = '***';

// Every repetition is bounded, or can begin in one place only, so that no hostile text is searched over and over (ReDoS).
const SECRET_NAME =
  '(?:passw(?:or)?d|passphrase|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credentials?)';
// As a shell joins them: quoted and bare parts without a space between are one value. A quote that nobody closes (a text that
// was cut off) hides the rest of its line.
const VALUE = String.raw`(?:(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s"',;&)}\]])+|["'].*)`;
// What is taken for a value may itself say that a secret follows: `password = --token abc`, `secret: API_KEY= abc`.
const NAMES = String.raw`(?:--[\w-]{0,40}${SECRET_NAME}\s{1,3}|["']?[\w-]{0,40}${SECRET_NAME}[\w.-]{0,40}["']?\s{0,3}[=:]\s{0,3}){0,5}`;

const SECRETS: readonly { readonly found: RegExp; readonly shown: string }[] = [
  // A private key in PEM form (RFC 7468), also one that was cut off.
  {
    found: /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----(?:(?!-----)[\s\S])*(?:-----END [A-Z ]{0,20}-----)?/g,
    shown: HIDDEN,
  },
  // `postgres://user:password@host`
  { found: /\b([a-z][a-z0-9+.-]{0,30}:\/\/[^\s:@/"']{0,128}:)[^\s/"']{1,256}@/gi, shown: `$1${HIDDEN}@` },
  // `Authorization: Basic ...`, and `Bearer ...` wherever it stands (RFC 6750, section 2.1)
  { found: /\b(authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:[a-z]{1,20}\s{1,3})?)[^\s"',;]+/gi, shown: `$1${HIDDEN}` },
  { found: /\b(bearer\s{1,3})[\w.~+/=-]{8,}/gi, shown: `$1${HIDDEN}` },
  // `password=...`, `"apiKey": "..."`, `POSTGRES_PASSWORD: ...`; a name ending in _FILE says where a secret is, not what
  {
    found: new RegExp(
      String.raw`(${SECRET_NAME}(?!\w{0,40}_file)[\w.-]{0,40}["']?\s{0,3}[=:]\s{0,3})${NAMES}${VALUE}`,
      'gi',
    ),
    shown: `$1${HIDDEN}`,
  },
  // `--password ...`
  { found: new RegExp(String.raw`(--[\w-]{0,40}${SECRET_NAME}\s{1,3})${NAMES}${VALUE}`, 'gi'), shown: `$1${HIDDEN}` },
  // JSON Web Tokens (RFC 7519), and Slack's webhooks, whose address is their secret
  { found: /(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, shown: HIDDEN },
  { found: /(hooks\.slack\.com\/services\/)[\w/]+/gi, shown: `$1${HIDDEN}` },
];

/** An address of e-mail (RFC 5321, section 4.5.3.1: 64 characters before the sign, names of hosts of 63). */
const EMAIL = /(?<![\w.+-])[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}/gi;

/** Of the whole process, because a secret must not get out by a way to which nobody has handed this list. */
let own: readonly RegExp[] = [];

/**
 * From now on this is hidden as well. In place of what was said the last time.
 * @param expressions global, and such that they match no fewer than four characters: no text grows, however often it is masked
 */
export function hideAlso({
  expressions,
  emails,
}: {
  readonly expressions: readonly RegExp[];
  readonly emails: boolean;
}) {
  own = emails ? [...expressions, EMAIL] : expressions;
}

const maskOnce = (text: string): string => {
  const masked = SECRETS.reduce((before, { found, shown }) => before.replace(found, shown), text);
  return own.reduce((before, expression) => before.replace(expression, HIDDEN), masked);
};

/** Each pass can only hide more; what a mask uncovers (a quote that now has its end) is found by the next. */
const MOST_PASSES = 5;

/** The text without what looks like a secret: passwords, tokens and keys become `***`. For all that people or files are shown. */
export function mask(text: string): string {
  let masked = text;
  for (let pass = 0; pass < MOST_PASSES; pass += 1) {
    const again = maskOnce(masked);
    if (again === masked) break;
    masked = again;
  }
  return masked;
}

/** The same for the words of a command: what follows `--password` is hidden, too. */
export const maskWords = (words: readonly string[]): readonly string[] =>
  words.map((word, at) => (namesSecret(words[at - 1]) ? HIDDEN : mask(word)));

const namesSecret = (word: string | undefined): boolean =>
  word !== undefined && mask(`${word} x`).endsWith(` ${HIDDEN}`);
