import { spawn } from 'node:child_process';

export type CommandResult = { code: number; stdout: string; stderr: string };

export type CommandOptions = {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Milliseconds after which the command is killed; the result then has code 124, as timeout(1) does. */
  timeout?: number;
  input?: string;
  /** Output (or only what goes to stderr) goes straight to our own instead of being collected. */
  show?: 'all' | 'stderr';
};

/** Runs one program with its arguments (never through a shell) and gives back how it ended. Does not throw. */
export function tryCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = '', ...args] = argv;
  return new Promise(resolve => {
    const stdoutTo = options.show === 'all' ? 'inherit' : 'pipe';
    const stderrTo = options.show ? 'inherit' : 'pipe';
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: [options.input === undefined ? 'ignore' : 'pipe', stdoutTo, stderrTo],
    });
    let stdout = '';
    let stderr = '';
    let late = false;
    const timer = options.timeout
      ? setTimeout(() => {
          late = true;
          child.kill('SIGKILL');
        }, options.timeout)
      : undefined;
    child.stdout?.setEncoding('utf8').on('data', chunk => {
      stdout += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', chunk => {
      stderr += chunk;
    });
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input);
    const end = (code: number) => {
      clearTimeout(timer);
      resolve({ code: late ? 124 : code, stdout, stderr });
    };
    child.on('error', error => {
      stderr += error.message;
      end(127);
    });
    child.on('close', code => end(code ?? 1));
  });
}

/** As `tryCommand`, but throws with the command, its exit code and the end of what it said unless it exits 0. */
export async function command(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await tryCommand(argv, options);
  if (code === 0) return stdout;
  const said = `${stdout}\n${stderr}`.trim().split('\n').slice(-25).join('\n');
  const shown = argv.map(word => (word.length > 120 ? `${word.slice(0, 60)}…` : word)).join(' ');
  const how = code === 124 ? `was killed after ${(options.timeout ?? 0) / 1000} s` : `exited with ${code}`;
  throw new Error(`'${shown}' ${how}:\n${said}`);
}

/** True when the program exits 0. */
export async function works(argv: readonly string[], options: CommandOptions = {}): Promise<boolean> {
  return (await tryCommand(argv, options)).code === 0;
}

/** The output of `writer` becomes the input of `reader`; throws unless both exit 0. Gives back what `reader` printed. */
export async function pipeline(writer: readonly string[], reader: readonly string[]): Promise<string> {
  const [from = '', ...fromArgs] = writer;
  const [to = '', ...toArgs] = reader;
  const source = spawn(from, fromArgs, { stdio: ['ignore', 'pipe', 'inherit'] });
  const sink = spawn(to, toArgs, { stdio: [source.stdout, 'pipe', 'inherit'] });
  let stdout = '';
  sink.stdout.setEncoding('utf8').on('data', chunk => {
    stdout += chunk;
  });
  const ended = (child: typeof source | typeof sink, name: string) =>
    new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      // Not 'close': the writer's output was handed to the reader, so for us that stream never ends.
      child.on('exit', code => (code === 0 ? resolve() : reject(new Error(`'${name}' exited with ${code}`))));
    });
  const read = new Promise<void>(resolve => void sink.stdout.on('end', resolve));
  await Promise.all([ended(source, writer.join(' ')), ended(sink, reader.join(' ')), read]);
  return stdout.trim();
}
