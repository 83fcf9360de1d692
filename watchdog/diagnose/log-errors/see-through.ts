/** A record without what was put around it on its way here. */
export interface SeenThrough {
  /** The message, and behind it, on lines of their own, what a JSON log says of the error. */
  readonly text: string;
  /** How the writer meant it, where that makes a difference: what is told for information is seldom an error. */
  readonly level: 'debug' | 'info' | undefined;
}

/**
 * Sees through colours, the names that Compose puts before lines, the json-file driver's lines, syslog's heads and JSON logs.
 * What is none of these stays as it is. Never throws.
 */
export function seeThrough(raw: string): SeenThrough {
  const lines = withoutColours(raw).split('\n').map(withoutEnvelope);
  const texts: string[] = [];
  let level: SeenThrough['level'];
  for (const [index, line] of lines.entries()) {
    const json = line.startsWith('{') ? fromJson(line) : undefined;
    texts.push(json?.text ?? line);
    // java.util.logging gives the level on the second line.
    if (index < 2) level ??= json === undefined ? levelIn(line) : json.level;
  }
  // A start-up told line by line, of which one says what failed.
  if (level === 'info' && lines.slice(1).some(line => RAISED.test(line))) level = undefined;
  return { text: texts.join('\n'), level };
}

const RAISED = /^(?:.{0,60} )?\[(?:ALERT|EMERG|CRITICAL|ERROR|FATAL|alert|emerg|crit|error|fatal)\]/;

/** ECMA-48 control sequences, of which terminals make colours. */
export const withoutColours = (text: string): string =>
  text.includes('\u001b')
    ? // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      text.replace(/\u001b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '')
    : text;

/** `shop-web-1  | `, as `docker compose logs` writes it. A name of its own has no number: then a table is told by its other bars. */
const COMPOSE_NAME = /^(?:[A-Za-z0-9][\w.-]{0,80}[-_]\d{1,4} *\| ?|[A-Za-z0-9][\w.-]{0,80} *\| (?!.*\|))/;
/** RFC 3164 and what journald and rsyslog write: `<13>Nov  2 04:32:06 host nginx[71]: `. */
const SYSLOG = /^(?:<\d{1,3}>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S{1,80} [\w./-]{1,48}(?:\[\d{1,10}\])?: /;
/** RFC 5424: `<13>1 2026-11-02T04:32:06Z host nginx 71 - - `. */
const SYSLOG_5424 = /^<\d{1,3}>\d \S{1,40} \S{1,255} \S{1,48} \S{1,128} \S{1,32} (?:-|\[[^\]]{0,400}\]) /;

function withoutEnvelope(line: string): string {
  let rest = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (rest.includes('|')) rest = rest.replace(COMPOSE_NAME, '');
  if (rest.startsWith('{"log":"')) rest = logOf(rest);
  return rest.replace(SYSLOG_5424, '').replace(SYSLOG, '');
}

/** The line that the json-file driver put in: `{"log":"…\n","stream":"stdout","time":"…"}`. */
function logOf(line: string): string {
  const whole = parsed(line)?.log;
  return typeof whole === 'string' ? withoutColours(whole.replace(/\r?\n$/, '')) : line;
}

/**
 * What loggers call the message, and what went wrong: pino, bunyan, winston, zap, zerolog, logrus, logback, structlog, slog, Serilog
 * (`@m`, `@x`), .NET's console, Elastic's common schema (`error.message`).
 */
const MESSAGES = ['message', 'msg', '@message', 'log', 'event', 'short_message', 'MESSAGE', 'Message', '@m', '@mt'];
const ERRORS = [
  'err',
  'error',
  'exception',
  'exc_info',
  'stack',
  'stack_trace',
  'stackTrace',
  'errorVerbose',
  'reason',
  'attr',
  'error.type',
  'error.message',
  'error.stack_trace',
  'Exception',
  '@x',
];
const WRITERS = ['logger', 'logger_name', 'caller', 'component', 'name'];
const LEVELS = ['level', 'lvl', 'severity', 'log.level', '@level', 'levelname', 'LogLevel', 'Level', '@l', 's'];

/** Undefined when it is no object, or says nothing under the usual names. */
function fromJson(line: string): SeenThrough | undefined {
  const entry = parsed(line);
  if (entry === undefined) return undefined;
  const message = MESSAGES.map(key => entry[key]).find(value => typeof value === 'string');
  // PHP's loggers put a whole exception in the message's place.
  const errors = [entry.message, ...ERRORS.map(key => entry[key])].flatMap(value =>
    value === message ? [] : errorIn(value),
  );
  if (message === undefined && errors.length === 0) return undefined;
  const writers = WRITERS.flatMap(key => (typeof entry[key] === 'string' ? [`${key}=${entry[key]}`] : []));
  const text = withoutColours([...(message === undefined ? [] : [String(message)]), ...errors, ...writers].join('\n'));
  return { text, level: LEVELS.map(key => levelNamed(entry[key])).find(level => level !== undefined) };
}

/** Text, or an object with a message and a stack, or with such objects in it. */
function errorIn(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null || depth > 3) return [];
  const { type, name, code, message, msg, errmsg, error_str, stack, error, Exception, Message } = value as Readonly<
    Record<string, unknown>
  >;
  const parts = [type ?? name ?? Exception, code, message ?? msg ?? errmsg ?? Message, error_str, stack, error];
  return parts.flatMap(part => errorIn(part, depth + 1));
}

/** @param line begins with a brace: what is JSON then is an object */
function parsed(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    // Cut off, or never JSON: read as it stands.
    return undefined;
  }
}

/** Words of all loggers, and MongoDB's letters; numbers as bunyan and pino have them (20 debug, 30 info). */
function levelNamed(value: unknown): SeenThrough['level'] {
  if (typeof value === 'number') return value < 10 || value >= 40 ? undefined : value < 30 ? 'debug' : 'info';
  if (typeof value !== 'string') return undefined;
  if (/^(?:debug|trace|verbose|silly|fine|finer|finest|d[1-5]?)$/i.test(value)) return 'debug';
  return /^(?:info|information|informational|notice|log|i)$/i.test(value) ? 'info' : undefined;
}

/**
 * Where a text names its level: in brackets, in capitals, behind `level=`, or as letters do: etcd's, glog's, Ruby's (`D, [`). `INF` and
 * the like are of zerolog, Serilog and NATS, `<Information>` of ClickHouse, `dbug: ` of .NET; winston's word stands behind the time.
 */
const LEVEL =
  /^.{0,100}?(?:[[<](?<bracketed>debug|trace|information|info|notice|note|[DIT]|DBG|INF|TRC|VRB)\s*[\]>]|(?:^|[\s[|:/.-])(?<capital>DEBUG\d?|TRACE|INFO|NOTICE|FINE|FINER|FINEST|DBG|INF|TRC)(?=[\s:\]|/,-]|$)(?! (?:is|was|mode|level|to|set|=))|\b(?:level|lvl|severity)="?(?<named>debug|trace|info|notice)\b|^\S{10} \S{8,15} (?<letter>[DNI]) \| |^(?<glog>I)\d{4} \d\d:\d\d:\d\d|^(?<ruby>[DI]), \[|(?:^|\] |^\d{4}-\d\d-\d\d[T ]\S{8,20} )(?<first>info|debug|verbose|silly|dbug|trce): )/;
const LEVEL_ANY_CASE = /[[<](?:debug|trace|info|information|notice|note)\s*[\]>]/i;

function levelIn(line: string): SeenThrough['level'] {
  const groups = LEVEL.exec(line)?.groups;
  const word =
    groups === undefined
      ? LEVEL_ANY_CASE.exec(line.slice(0, 100))?.[0].slice(1)
      : Object.values(groups).find(group => group !== undefined);
  if (word === undefined) return undefined;
  return /^(?:d|t|fine|v|s)/i.test(word) ? 'debug' : 'info';
}
