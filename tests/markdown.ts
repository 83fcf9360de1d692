import { readFileSync } from 'node:fs';

/** A row of a table, by the words of its head. */
export type Row = Readonly<Record<string, string>>;

/** The rows of the table whose head begins with this word. Throws when there is none, or more than one. */
export function tableIn(file: string, firstHead: string): readonly Row[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const isHead = (line: string, at: number) =>
    line.startsWith(`| ${firstHead} |`) && lines[at + 1]?.startsWith('| ---');
  const heads = lines.flatMap((line, at) => (isHead(line, at) ? [at] : []));
  const [head] = heads;
  if (head === undefined || heads.length > 1)
    throw new Error(`${file}: ${heads.length} tables begin with '${firstHead}'`);
  const end = lines.findIndex((line, at) => at > head && !line.startsWith('|'));
  const names = cellsOf(lines[head] ?? '');
  return lines
    .slice(head + 2, end)
    .map(line => Object.fromEntries(cellsOf(line).map((cell, at) => [names[at] ?? '', cell])));
}

const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map(cell => cell.trim());

/** What stands in backticks. */
export const codeIn = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, code]) => code ?? '');

/** The names in the first column of that table, each in backticks, in their order. */
export const namesIn = (file: string, firstHead: string): string[] =>
  tableIn(file, firstHead).flatMap(row => codeIn(row[firstHead] ?? ''));

/** The fenced blocks of this language, their indentation taken away. */
export function blocksIn(file: string, language: string): string[] {
  const fences = new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^ *\`\`\`$`, 'gm');
  return [...readFileSync(file, 'utf8').matchAll(fences)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}
