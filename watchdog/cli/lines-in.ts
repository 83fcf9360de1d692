import { StringDecoder } from 'node:string_decoder';

/** The lines of a stream, those that came together in one piece; without their ends, and without empty ones. */
export async function* linesIn(stream: AsyncIterable<Uint8Array | string>): AsyncGenerator<readonly string[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.write(chunk))).split('\n');
    rest = lines.pop() ?? '';
    yield lines.filter(line => line !== '');
  }
  if (rest !== '') yield [rest];
}
