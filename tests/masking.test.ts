import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { jsonLine } from '../watchdog/adapters/log-lines.ts';
import { errorFolds } from '../watchdog/diagnose/log-errors/error-folds.ts';
import { hideAlso, mask } from '../watchdog/domain/mask.ts';
import { lineMasker } from '../watchdog/domain/mask-lines.ts';
import { loadSettingsAndMask } from '../watchdog/masking.ts';
import { toJson } from '../watchdog/serve/to-json.ts';

afterEach(() => hideAlso({ expressions: [], emails: false }));

const load = (yaml: string) => loadSettingsAndMask({ env: {}, readFile: () => yaml, inContainer: true });

const CUSTOMERS = "masking: { emails: true, patterns: [{ name: customer, expression: 'CUST-[0-9]{6,12}' }] }\n";

describe('what the settings want hidden', () => {
  test('is hidden in all that is stored, shown, logged and streamed', () => {
    expect(load(CUSTOMERS).problems).toEqual([]);

    const text = 'order of CUST-1234567 (jane.doe+x@mail.example.org) failed, password=hunter2';
    const hidden = 'order of *** (***) failed, password=***';
    const folds = errorFolds();
    const error = { type: 'API_FAILURE', severity: 'error', tier: 'certain', pattern: 'x' } as const;
    folds.add({ project: 'shop', service: 'web' }, { ...error, captures: { who: 'CUST-1234567' } }, text, 0);

    const [stored] = folds.take();
    expect(stored?.sample).toBe(hidden);
    expect(stored?.error.captures).toEqual({ who: '***' });
    expect(JSON.stringify(stored)).not.toContain('1234567');
    expect(JSON.parse(toJson({ text }))).toEqual({ text: hidden });
    expect(lineMasker().mask(text)).toBe(hidden);
    expect(jsonLine({ time: '', level: 'warn', message: text, values: {} })).toContain(hidden);
  });

  test('is not hidden where nobody asked for it', () => {
    load('policy: {}\n');

    expect(mask('CUST-1234567 of jane@mail.example.org')).toBe('CUST-1234567 of jane@mail.example.org');
  });

  test('is what the newest settings want', () => {
    load(CUSTOMERS);
    load("masking: { patterns: [{ name: order, expression: 'ORD-[0-9]{4}' }] }\n");

    expect(mask('CUST-1234567 ORD-1234 jane@mail.example.org')).toBe('CUST-1234567 *** jane@mail.example.org');
  });

  test('is refused with its place where it could hold up the watchdog, and what was hidden before stays hidden', () => {
    load(CUSTOMERS);

    const { problems } = load("masking:\n  patterns:\n    - { name: slow, expression: '(?:a+)+b{4}' }\n");

    expect(problems).toEqual([
      {
        place: expect.stringMatching(/watchdog\.yml:3 masking\.patterns\.slow$/),
        found: 'an expression that can take too many steps (catastrophic backtracking)',
        expected: expect.stringContaining('small bounds'),
        remedy: expect.stringContaining('docs/log-errors.md'),
      },
    ]);
    expect(mask('CUST-1234567')).toBe('***');
  });

  test.each([
    ['masking: { patterns: [{ name: x }] }', 'expression'],
    ['masking: { pattern: [] }', 'masking'],
    ['masking: { emails: perhaps }', 'emails'],
  ])('is refused where it is %s', (yaml, place) => {
    expect(load(`${yaml}\n`).problems).toEqual([expect.objectContaining({ place: expect.stringContaining(place) })]);
  });
});

/** The same in every run: what fails once fails again. */
const SEEDED = { seed: 20260301, numRuns: 2_000 };

describe('whatever stands around a secret', () => {
  const SECRET = 'Zq7Xw9Kp3Vt5';
  const word = fc.constantFrom(
    ...['error', 'at', 'user', '(', ')', '[', ']', '{', '}', ',', ';', '|', '<', '>', '=', ':', '"', "'", '\\', '`'],
    ...['\n', '\t', '\u001b[31m', '***', 'password', 'https://', '@', '/', '10.0.0.7', 'größer', '\u202e', '%'],
    ...['--token', 'secret:', 'api_key='],
  );
  const around = fc.array(word, { maxLength: 12 }).map(words => words.join(' '));
  const written = fc.constantFrom<(secret: string) => string>(
    secret => `password=${secret}`,
    secret => `"api_key": "${secret}"`,
    secret => `POSTGRES_PASSWORD: ${secret}`,
    secret => `--token ${secret}`,
    secret => `Authorization: Bearer ${secret}`,
    secret => `postgres://shop:${secret}@db:5432/shop`,
    secret => `redis://:${secret}@cache`,
    secret => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
    secret => `https://hooks.slack.com/services/T0/B0/${secret}`,
    secret => `CUST-123456 ${`mail ${secret}@example.org`}`,
  );

  test('it is hidden, and masking what is masked changes nothing', () => {
    load(CUSTOMERS);

    fc.assert(
      fc.property(around, written, around, (before, secret, after) => {
        const masked = mask(`${before} ${secret(SECRET)} ${after}`);

        expect(masked).not.toContain(SECRET);
        expect(mask(masked)).toBe(masked);
      }),
      SEEDED,
    );
  });

  test('no text grows without end, whatever expressions of operators do to it', () => {
    const expressions = ['[*a-z]{4}', '.{4,9}', 'a{4}|[^a]{5}', '\\*\\*\\*[a-z]'];
    const yaml = expressions.map((expression, index) => `{ name: p${index}, expression: '${expression}' }`).join(', ');
    expect(load(`masking: { patterns: [${yaml}] }\n`).problems).toEqual([]);

    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', '*', ' ', '\n'), maxLength: 60 }), text => {
        expect(mask(text).length).toBeLessThanOrEqual(text.length);
      }),
      SEEDED,
    );
  });
});
