import type { Readable } from 'node:stream';
import type Dockerode from 'dockerode';

/**
 * Lets a request whose answer breaks off in the middle fail at once. docker-modem (5.0.7, `lib/modem.js`) listens for an answer's
 * end and not for its breaking off, so nobody would hear of it until the caller's patience was over.
 */
export function insistOnWholeAnswers(modem: Dockerode['modem']): void {
  const dial = modem.dial.bind(modem);
  modem.dial = (request, done = () => undefined) => {
    if (request.isStream || request.hijack || request.openStdin) return dial(request, done);
    dial({ ...request, isStream: true }, (error, answer) => {
      if (error) return done(error, null);
      textOf(answer as Readable).then(
        text => done(null, parsed(text)),
        because => done(because, null),
      );
    });
  };
}

/** Rejects when the stream breaks off. */
const textOf = async (stream: Readable): Promise<string> => Buffer.concat(await stream.toArray()).toString();

/** As docker-modem does it: what is no JSON, mostly nothing at all, is handed on as it is. */
function parsed(text: string): object | Buffer {
  try {
    return JSON.parse(text);
  } catch {
    return Buffer.from(text);
  }
}
