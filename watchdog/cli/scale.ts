import type { Command } from 'commander';
import type { ScalingBody, ServiceBody } from '../serve/shapes.ts';
import { toJson } from '../serve/to-json.ts';
import type { Context } from './context.ts';
import { EXIT } from './exit.ts';
import { plainLine } from './plain.ts';
import { reading } from './source.ts';
import { painted, table } from './tell.ts';
import type { Terminal } from './terminal.ts';

type Row = ServiceBody & { readonly scaling: ScalingBody };

/** `watchdog scale`: the size of every service that is scaled, what it follows, and what holds it back. */
export function scaleCommand(program: Command, context: Context): void {
  program
    .command('scale')
    .description(
      'show how many replicas each scaled service has and shall have, by which signal, and what holds it back',
    )
    .option('--project <name>', 'only this Compose project')
    .option('--json', 'print JSON')
    .action(async ({ project, json }: { project?: string; json?: boolean }) => {
      const services = await reading(context, source => source.services(project));
      const scaled = services.flatMap(({ scaling, ...service }) =>
        scaling === undefined ? [] : [{ ...service, scaling }],
      );
      const { terminal } = context;
      if (json)
        terminal.print(
          toJson({ items: scaled.map(({ project, service, scaling }) => ({ project, service, ...scaling })) }, 2),
        );
      else tell(scaled, terminal);
      if (scaled.some(isStuck)) context.finish(EXIT.trouble);
    });
}

/** Nobody can scale it until a person has changed something. */
export const isStuck = ({ scaling }: Pick<ServiceBody, 'scaling'>): boolean =>
  scaling !== undefined && (scaling.problems.length > 0 || (scaling.obstacles ?? []).length > 0);

/** Why it is not scaled though somebody asks for it, a sentence each. */
export const whyNotScaled = ({ scaling }: Pick<ServiceBody, 'scaling'>): readonly string[] => [
  ...(scaling?.problems ?? []),
  ...(scaling?.obstacles ?? []),
];

function tell(scaled: readonly Row[], terminal: Terminal): void {
  if (scaled.length === 0) {
    terminal.print('no service is scaled: the label auto_scale=true or a section of `scaling` asks for it');
    return;
  }
  terminal.print(
    table(
      ['SERVICE', 'REPLICAS', 'WANTED', 'LIMITS', 'SIGNAL', 'HELD BACK BY'],
      scaled.map(row => cells(row, terminal)),
    ),
  );
  for (const row of scaled)
    for (const why of whyNotScaled(row))
      terminal.print(plainLine(`${row.project}/${row.service} is not scaled: ${why}`));
}

function cells({ project, service, scaling }: Row, terminal: Terminal) {
  const { replicas, wanted, min, max, signals = [], heldBackBy = [] } = scaling;
  const known = wanted !== undefined;
  const wantedNow = painted(terminal, wanted === replicas ? 'good' : 'between', String(wanted));
  return [
    `${project}/${service}`,
    known ? String(replicas) : '-',
    known ? wantedNow : 'not read yet',
    known ? `${min} to ${max}` : '-',
    signals
      .map(({ name, value, target }) => `${name} ${value === undefined ? '?' : short(value)} of ${target}`)
      .join(', ') || '-',
    heldBackBy.map(({ code }) => code).join(', ') || '-',
  ];
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
