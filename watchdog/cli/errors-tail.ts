import type { Command } from 'commander';
import { z } from 'zod';
import { liveShapes } from '../serve/log-stream.ts';
import { toJson } from '../serve/to-json.ts';
import { clientFor, type StreamEvent } from './client.ts';
import type { Context } from './context.ts';
import { MOODS } from './errors-list.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { plainLine } from './plain.ts';
import { painted } from './tell.ts';
import type { Terminal } from './terminal.ts';

type Mark = z.infer<typeof liveShapes.mark>['error'];

interface Options {
  readonly errors?: boolean;
  readonly json?: boolean;
}

/** `watchdog errors tail`: what a container writes, as it writes it. Ends with Ctrl-C, or when the watchdog stops. */
export function tailCommand(errors: Command, context: Context): void {
  errors
    .command('tail')
    .description('follow what a container writes, errors marked; needs a running watchdog')
    .argument('<container>', 'its name, as `docker ps` shows it')
    .option('--errors', 'only what is an error')
    .option('--json', 'print JSON, one event a line')
    .action(async (container: string, options: Options) => {
      const { terminal, settings } = context;
      const client = clientFor(settings().settings);
      for await (const event of client.stream(`/api/docker/logs/${encodeURIComponent(container)}/stream`))
        tell(event, options, terminal);
      throw new CommandFailed(EXIT.unreachable, 'the watchdog ended the stream: it is stopping');
    });
}

function tell({ event, data }: StreamEvent, { errors, json }: Options, terminal: Terminal): void {
  const said: unknown = JSON.parse(data);
  if (event === 'dropped') throw new CommandFailed(EXIT.unreachable, liveShapes.dropped.parse(said).because);
  const isError = event === 'mark' || (event === 'line' && liveShapes.line.parse(said).error !== undefined);
  if (errors && !isError) return;
  if (json) terminal.print(toJson({ event, ...z.looseObject({}).parse(said) }));
  else tellInWords(event, said, terminal);
}

/** An event that nobody here knows is of a newer watchdog. */
function tellInWords(event: string, said: unknown, terminal: Terminal): void {
  if (event === 'line') {
    const { at, stream, text, cut, error } = liveShapes.line.parse(said);
    terminal.print(plainLine(`${shortly(at)} ${SHORT[stream]} ${text}${cut ? '…' : ''}`));
    if (error !== undefined) terminal.print(markOf(error, terminal));
  } else if (event === 'mark') {
    const { at, error, text } = liveShapes.mark.parse(said);
    terminal.print(`${markOf(error, terminal)} ${plainLine(`${shortly(at)} ${text}`)}`);
  } else if (event === 'skipped')
    terminal.remark(`${liveShapes.skipped.parse(said).lines} lines were written too fast to be shown`);
  else if (event === 'left') terminal.remark('the container has ended; what it writes when it runs again is shown');
}

const SHORT = { stdout: 'out', stderr: 'err', terminal: 'tty' } as const;

/** `2026-03-01T10:00:00.123`. */
const shortly = (at: string): string => at.slice(0, 23);

/** Below its line. */
const markOf = ({ type, severity, pattern }: Mark, terminal: Terminal): string =>
  `  ^ ${painted(terminal, MOODS[severity], `${type} ${severity} (${pattern})`).text}`;
