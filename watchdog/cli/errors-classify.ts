import type { Command } from 'commander';
import { z } from 'zod';
import { formatProblem } from '../config/problem.ts';
import { type Recogniser, recogniserFor } from '../diagnose/log-errors/recognise.ts';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { CommandFailed, EXIT } from './exit.ts';
import { linesIn } from './lines-in.ts';
import { logPatternsFor } from './log-patterns.ts';
import { plainLine } from './plain.ts';

const questionShape = z.object({ line: z.string(), service: z.string().default(''), image: z.string().optional() });

/** `watchdog errors classify`: what each line of a log says is wrong, in the order of the lines. Needs no running watchdog. */
export function classifyCommand(errors: Command, context: Context): void {
  errors
    .command('classify')
    .description('say what lines of logs mean: one JSON object a line in ({"line", "service"}), one type or NONE out')
    .option('--json', 'print JSON: the pattern, its captures, severity and tier as well')
    .action(async ({ json }: { json?: boolean }) => {
      const { terminal } = context;
      const { patterns, problems } = logPatternsFor(context.settings().settings);
      for (const problem of problems) terminal.remark(plainLine(formatProblem(problem)));
      const recogniser = recogniserFor(patterns);
      let number = 0;
      // What came in together goes out together: a write for each of many lines takes longer than to read them.
      for await (const lines of linesIn(terminal.input())) {
        const answers = lines.map(line => answerTo(recogniser, line, ++number, json === true));
        if (answers.length > 0) terminal.print(answers.join('\n'));
      }
      context.finish(EXIT.fine);
    });
}

function answerTo(recogniser: Recogniser, text: string, number: number, json: boolean): string {
  const { line, service, image } = questionFrom(text, number);
  const error = recogniser.recognise(line, { service, image });
  if (json) return toJson(error ?? { type: 'NONE' });
  return error?.type ?? 'NONE';
}

function questionFrom(text: string, number: number): z.infer<typeof questionShape> {
  try {
    return questionShape.parse(JSON.parse(text));
  } catch {
    throw new CommandFailed(
      EXIT.usage,
      `line ${number} of the input: found something else, expected a JSON object such as {"line":"...","service":"web"}`,
    );
  }
}
