import type { PortRange } from '../domain/alternative-port.ts';
import { durationFrom } from '../domain/duration-from.ts';
import { type Duration, hours, inWords } from '../domain/time.ts';

/** How one sort of value is written. The same kinds read the environment, labels and the configuration file. */
export interface Kind<T> {
  /** What to write, as a noun phrase: `a duration such as 30s, 5m, 1h or bare seconds`. */
  readonly expected: string;
  /** JSON Schema for editors; says no more than what `read` accepts. */
  readonly jsonSchema: Readonly<Record<string, unknown>>;
  /** A YAML list means the same as its items with commas between them. */
  readonly takesList?: true;
  /** The value, or undefined when the text is not of this kind. Never throws. */
  read(text: string): T | undefined;
}

const LONGEST = hours(24 * 366);

/** Undefined when it is no duration, or longer than a year. */
function readDuration(text: string): Duration | undefined {
  const value = text.length <= 40 ? durationFrom(text) : undefined;
  return value === undefined ? undefined : bounded(value, 0, LONGEST);
}

const bounded = (n: number, min: number, max: number): number | undefined => (n >= min && n <= max ? n : undefined);

const DURATION_PATTERN = '^([0-9]+(\\.[0-9]+)?|([0-9]+(\\.[0-9]+)?(ms|s|m|h|d))+)$';

/** Milliseconds. `least` and `most`: the shortest and the longest that make sense, in milliseconds. */
export const duration = (least: Duration = 0, most: Duration = LONGEST): Kind<Duration> => ({
  expected: `a duration such as 30s, 5m, 1h30m or bare seconds${boundsInWords(least, most)}`,
  jsonSchema: { type: ['string', 'number'], pattern: DURATION_PATTERN, minimum: least / 1_000, maximum: most / 1_000 },
  read: text => {
    const value = readDuration(text);
    return value === undefined ? undefined : bounded(value, least, most);
  },
});

const boundsInWords = (least: Duration, most: Duration): string =>
  `${least > 0 ? `, at least ${inWords(least)}` : ''}${most < LONGEST ? `, at most ${inWords(most)}` : ''}`;

/** What limits count back over: the ledger keeps each repair at least that long (`record/ledger/retention.ts`). */
export const pastDuration = (least: Duration = 0): Kind<Duration> => duration(least, hours(24 * 7));

const YES_NO: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  '1': true,
  false: false,
  no: false,
  off: false,
  '0': false,
};

export const yesNo: Kind<boolean> = {
  expected: 'true or false (also yes/no, on/off, 1/0)',
  jsonSchema: { enum: [true, false, 0, 1, ...Object.keys(YES_NO)] },
  read: text => {
    const word = text.toLowerCase();
    return Object.hasOwn(YES_NO, word) ? YES_NO[word] : undefined;
  },
};

/** An integer from `min` to `max`, both allowed. */
export const wholeNumber = (min: number, max: number): Kind<number> => ({
  expected: `a whole number from ${min} to ${max}`,
  jsonSchema: { type: ['integer', 'string'], minimum: min, maximum: max, pattern: '^[0-9]+$' },
  read: text => (/^\d{1,9}$/.test(text) ? bounded(Number(text), min, max) : undefined),
});

/** A decimal number from `min` to `max`, both allowed. */
export const decimal = (min: number, max: number): Kind<number> => ({
  expected: `a number from ${min} to ${max}`,
  jsonSchema: { type: ['number', 'string'], minimum: min, maximum: max, pattern: '^[0-9]+(\\.[0-9]+)?$' },
  read: text => (/^\d{1,9}(\.\d{1,9})?$/.test(text) ? bounded(Number(text), min, max) : undefined),
});

/** One word of a closed list, in any case. */
export const oneOf = <const Word extends string>(...words: readonly Word[]): Kind<Word> => ({
  expected: `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`,
  jsonSchema: { enum: words },
  read: text => words.find(word => word === text.toLowerCase()),
});

/** Compose's service and project names, `shop/web` included; our own names follow the same rule. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}(\/[A-Za-z0-9][A-Za-z0-9._-]{0,127})?$/;
const NAME_SCHEMA = { type: 'string', pattern: NAME.source };

export const name: Kind<string> = {
  expected: 'a name of letters, digits, dots, dashes and underscores',
  jsonSchema: NAME_SCHEMA,
  read: text => (NAME.test(text) ? text : undefined),
};

/** Names separated by commas; the file may write a list. Doubles are dropped. */
export const names: Kind<readonly string[]> = {
  expected: 'names separated by commas',
  jsonSchema: { anyOf: [NAME_SCHEMA, { type: 'string', pattern: ',' }, { type: 'array', items: NAME_SCHEMA }] },
  takesList: true,
  read: text => {
    if (text === '') return [];
    if (text.length > 8_192) return undefined;
    const words = text.split(',').map(word => word.trim());
    return words.every(word => NAME.test(word)) ? [...new Set(words)] : undefined;
  },
};

/** `*`, or names separated by commas. */
export const namesOrAll: Kind<readonly string[] | '*'> = {
  expected: 'project names separated by commas, or *',
  jsonSchema: { type: 'string' },
  read: text => (text === '*' ? '*' : names.read(text)),
};

/** `*`, or services separated by commas; the file may write a list. */
export const servicesOrAll: Kind<readonly string[] | '*'> = {
  expected: 'services (web or shop/web) separated by commas, or *',
  jsonSchema: { anyOf: [{ const: '*' }, ...(names.jsonSchema.anyOf as readonly object[])] },
  takesList: true,
  read: text => (text === '*' ? '*' : names.read(text)),
};

/** So many in so long: `60` (the window stays as it is), `60/10m`, `60 per 10m`. */
export const rate: Kind<{ readonly limit: number; readonly window: Duration | undefined }> = {
  expected: 'a whole number, or a number per duration such as 60 per 10m or 60/10m',
  jsonSchema: { type: ['integer', 'string'] },
  read: text => {
    const [, count = '', per] = /^(\d{1,6})(?:\s*(?:\/|\bper\b)\s*(\S+))?$/i.exec(text) ?? [];
    const limit = count === '' ? 0 : Number(count);
    const window = per === undefined ? undefined : readDuration(per);
    if (limit < 1 || (per !== undefined && (window ?? 0) < 1_000)) return undefined;
    return { limit, window };
  },
};

const BYTES: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Bytes, in Compose's writing: `64m`, `1gb`, `1048576`. Units are powers of 1024, as in Compose. */
export const byteSize: Kind<number> = {
  expected: 'a size such as 64mb or 1gb, at least 1mb',
  jsonSchema: { type: ['integer', 'string'] },
  read: text => {
    const [, number, unit = ''] = /^(\d{1,12})([bkmg]?)b?$/i.exec(text) ?? [];
    if (number === undefined) return undefined;
    return bounded(Number(number) * (BYTES[unit.toLowerCase()] as number), 2 ** 20, 2 ** 50);
  },
};

/** A part of a whole, 0 to 1, written `10%` or `0.1`; neither nothing nor all of it. */
export const share: Kind<number> = {
  expected: 'a share such as 10% or 0.1',
  jsonSchema: { type: ['number', 'string'], pattern: '^([0-9]+(\\.[0-9]+)?%|0?\\.[0-9]+)$' },
  read: text => {
    const [, number, percent] = /^(\d{0,3}(?:\.\d{1,6})?)(%?)$/.exec(text) ?? [];
    if (!number) return undefined;
    const value = Number(number) / (percent === '%' ? 100 : 1);
    return value > 0 && value < 1 ? value : undefined;
  },
};

/** Where a file or folder is, from the root on and without `..`. */
export const absolutePath: Kind<string> = {
  expected: 'an absolute path such as /var/lib/docker',
  jsonSchema: { type: 'string', pattern: '^/' },
  read: value => {
    const path = text.read(value);
    return path?.startsWith('/') && !path.split('/').includes('..') ? path : undefined;
  },
};

/** Any text of one line that is not too long. */
export const text: Kind<string> = {
  expected: 'text of one line, at most 4096 characters',
  jsonSchema: { type: 'string', maxLength: 4_096 },
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be in it
  read: value => (value.length <= 4_096 && !/[\u0000-\u001f\u007f]/.test(value) ? value : undefined),
};

/** An address with one of these schemes; kept as it was written. */
export const address = (...schemes: readonly string[]): Kind<string> => ({
  expected: `an address beginning with ${schemes.map(scheme => `${scheme}://`).join(' or ')}`,
  jsonSchema: { type: 'string', format: 'uri' },
  read: value => {
    const scheme = schemes.find(known => value.startsWith(`${known}://`) && value.length > known.length + 3);
    return scheme !== undefined && URL.canParse(value) ? value : undefined;
  },
});

export const port = wholeNumber(1, 65_535);

/** More than that is no range that anybody can keep in mind, and each port of it may be tried. */
const WIDEST_RANGE = 1_000;

/** Ports from one to another, both meant: `9000-9010`; a single one stands for itself. */
export const portRange: Kind<PortRange> = {
  expected: `a port or a range such as 9000-9010, of at most ${WIDEST_RANGE} ports from 1 to 65535`,
  jsonSchema: { type: ['integer', 'string'], pattern: '^[0-9]{1,5}(-[0-9]{1,5})?$', minimum: 1, maximum: 65_535 },
  read: text => {
    const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? [];
    const [first, last] = [port.read(from), port.read(to)];
    if (first === undefined || last === undefined) return undefined;
    return last < first || last - first >= WIDEST_RANGE ? undefined : { first, last };
  },
};

/** What a server can be bound to: an IPv4 or IPv6 address or a host name. */
export const socketHost: Kind<string> = {
  expected: 'an IP address or a host name, without scheme and port',
  jsonSchema: { type: 'string' },
  read: value => (/^[A-Za-z0-9:][A-Za-z0-9.:-]{0,252}$/.test(value) ? value : undefined),
};

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
const WEEKDAY_WORDS = WEEKDAYS.flatMap(day => [day.slice(0, 3), day]);

/** ISO weekdays, 1 for Monday; doubles are dropped. */
export const weekdays: Kind<readonly number[]> = {
  expected: 'days of the week such as [sat, sun]',
  jsonSchema: { anyOf: [{ enum: WEEKDAY_WORDS }, { type: 'array', items: { enum: WEEKDAY_WORDS } }] },
  takesList: true,
  read: text => {
    const words = text
      .toLowerCase()
      .split(',', 50)
      .map(word => word.trim());
    if (!words.every(word => WEEKDAY_WORDS.includes(word))) return undefined;
    return [...new Set(words.map(word => WEEKDAYS.findIndex(day => day.startsWith(word)) + 1))].sort();
  },
};

/** Minutes after midnight; `24:00` is the end of the day. */
export const timeOfDay: Kind<number> = {
  expected: 'a time of day such as "02:30"',
  jsonSchema: { type: 'string', pattern: '^([01]?[0-9]|2[0-3]):[0-5][0-9]$|^24:00$' },
  read: text => {
    const [, hour, minute] = /^(\d{1,2}):(\d{2})$/.exec(text) ?? [];
    if (hour === undefined || Number(minute) > 59) return undefined;
    return bounded(Number(hour) * 60 + Number(minute), 0, 24 * 60);
  },
};

/** A time zone that this machine knows, in IANA's spelling. */
export const timeZone: Kind<string> = {
  expected: 'the IANA name of a time zone, such as Europe/Berlin or UTC',
  jsonSchema: { type: 'string', pattern: '^[A-Za-z]' },
  read: text => {
    if (!/^[A-Za-z][A-Za-z0-9_+/-]{0,63}$/.test(text)) return undefined;
    try {
      return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
    } catch {
      return undefined;
    }
  },
};

/** One word that fits into an HTTP header and is too long to be guessed. */
export const bearerToken: Kind<string> = {
  expected: 'at least 16 letters, digits or signs of ASCII without spaces, such as `openssl rand -hex 32` makes',
  jsonSchema: { type: 'string' },
  read: value => (/^[\x21-\x7e]{16,4096}$/.test(value) ? value : undefined),
};
