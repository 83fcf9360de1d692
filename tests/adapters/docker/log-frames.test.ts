import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LONGEST_LINE, type LogLine, logParser } from '../../../watchdog/adapters/docker/log-frames.ts';

const AT = '2025-03-05T10:11:12.131000000Z';

const frame = (text: string | Buffer, stream = 1): Buffer => {
  const body = Buffer.from(text);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(body.length, 4);
  return Buffer.concat([header, body]);
};

function linesOf(...chunks: readonly Buffer[]): LogLine[] {
  const parser = logParser();
  return [...chunks.flatMap(chunk => parser.push(chunk)), ...parser.end()];
}

const aLine = (change: Partial<LogLine>): LogLine => ({ at: AT, stream: 'stdout', text: 'one', left: 0, ...change });

describe('frames', () => {
  test('are lines of one stream or the other, with their times', () => {
    expect(linesOf(Buffer.concat([frame(`${AT} one\n`), frame(`${AT} two\r\n`, 2)]))).toEqual([
      aLine({}),
      aLine({ stream: 'stderr', text: 'two' }),
    ]);
  });

  test('that are pieces of a long line are one, though the other stream writes in between', () => {
    const later = AT.replace('12.131', '12.132');

    expect(linesOf(frame(`${AT} on`), frame(`${AT} two\n`, 2), frame(`${later} e\n`))).toEqual([
      aLine({ stream: 'stderr', text: 'two' }),
      aLine({}),
    ]);
  });

  test('of a line that is too long are kept as far as they may be', () => {
    const [line, next] = linesOf(
      ...Array.from({ length: 64 }, () => frame(`${AT} ${'x'.repeat(16_384)}`)),
      frame(`${AT} \n`),
      frame(`${AT} one\n`),
    );

    expect(line).toEqual(aLine({ text: 'x'.repeat(LONGEST_LINE), left: 2 ** 20 - LONGEST_LINE }));
    expect(next).toEqual(aLine({}));
  });

  test('without a time, or of no text, are lines as well', () => {
    expect(linesOf(frame('one\n'), frame(`${AT} \n`), frame(''), frame('\n'))).toEqual([
      aLine({ at: '' }),
      aLine({ text: '' }),
      aLine({ at: '', text: '' }),
    ]);
  });

  test('that end without the end of a line are told at the end', () => {
    expect(linesOf(frame(`${AT} one`))).toEqual([aLine({})]);
  });

  test('are read however the chunks are cut', () => {
    const text = Buffer.concat([
      frame(`${AT} größer\n`),
      frame(`${AT} two\n`, 2),
      frame(`${AT} three`),
      frame(`${AT} \n`),
    ]);
    const whole = linesOf(text);

    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), cuts => {
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(linesOf(...places.slice(1).map((end, index) => text.subarray(places[index], end)))).toEqual(whole);
      }),
    );
  });

  test('of garbage are lines of garbage, and no more than was sent', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), bodies => {
        const lines = linesOf(...bodies.map(body => frame(Buffer.from(body))));
        expect(lines.length).toBeLessThanOrEqual(bodies.length);
      }),
    );
  });
});

describe('the stream of a terminal', () => {
  test('is lines with their times', () => {
    expect(linesOf(Buffer.from(`${AT} one\r\n${AT} t`), Buffer.from('wo\r\n'))).toEqual([
      aLine({ stream: 'terminal' }),
      aLine({ stream: 'terminal', text: 'two' }),
    ]);
  });

  test('keeps of a line no more than it may, however the chunks are cut', () => {
    const text = Buffer.from(`${AT} ${'x'.repeat(LONGEST_LINE + 5)}\r\n${AT} one\r\n`);

    for (const size of [7, 1_000, 16_000, 99_999]) {
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) =>
        text.subarray(index * size, (index + 1) * size),
      );
      const [long, next] = linesOf(...chunks);
      expect(long?.text).toBe('x'.repeat(LONGEST_LINE));
      expect(next).toEqual(aLine({ stream: 'terminal' }));
    }
  });
});
