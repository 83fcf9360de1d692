import type { BurstFigures } from './measures/burst.ts';
import type { Figures, Measured } from './road.ts';
import type { Summary } from './statistics.ts';

/** The figures as a Markdown table, one column per healer. */
export function lines({
  machine,
  services,
  probeInterval,
  all,
  start,
  sampling,
  large,
  clockDrift,
}: Figures): string[] {
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGB} GB; engine ${machine.engine}, Node ${machine.node}; ` +
      `${services} services, probed every ${probeInterval}; the clocks differed by ${clockDrift.toFixed(1)} ms at the end`,
    '',
    ...(all.length > 0 ? table(all) : []),
    ...(start
      ? [
          '',
          `start to first list request: ${median(start.firstLook)} ms; until /readyz: ${median(start.ready)} ms; ` +
            `CPU until then: ${median(start.cpuSeconds)} s`,
        ]
      : []),
    ...(sampling
      ? [
          '',
          `${sampling.containers} containers measured every 30 s (${sampling.samples} samples), rounds included: ${sampling.own} % of one ` +
            `core ours, ${sampling.engine} % the engine's; ${sampling.memory} MB more memory`,
        ]
      : []),
    ...(large
      ? [
          '',
          `${large.containers} simulated containers: ${large.roundCpu} ms of CPU a round; ${large.memory.rss} MB, ` +
            `grown by ${large.growth} MB (highest point by ${large.peakGrowth} MB)`,
        ]
      : []),
  ];
}

const median = ({ median, max, count, never }: Summary): string =>
  count === 0 ? 'never' : `${median} (max ${max}, n=${count}${never > 0 ? `, never ${never}` : ''})`;

const burst = (figures: BurstFigures | undefined): string =>
  figures === undefined
    ? ''
    : `${median(figures.call)}; the first eight within ${figures.upToLimit}; ${figures.lastCall} after the last event; events over ${figures.spread}; ` +
      `all healthy after ${figures.allHealed}; calls each ${figures.mostCalls}`;

function table(all: readonly Measured[]): string[] {
  const row = (name: string, cell: (one: Measured) => string) => `| ${[name, ...all.map(cell)].join(' | ')} |`;
  const fault = (index: number) => (one: Measured) => {
    const figures = one.faults?.[index];
    return figures === undefined ? '' : median(figures.call);
  };
  const quiet = (say: (minute: NonNullable<Measured['quiet']>) => string) => (one: Measured) =>
    one.quiet === undefined ? '' : say(one.quiet);
  return [
    row('', ({ name }) => name),
    row('---', () => '---'),
    row('event to call, unhealthy (ms)', fault(0)),
    row('event to call, killed (ms)', fault(1)),
    row('event to call, hung (ms)', fault(2)),
    row('15 ill at once: event to call (ms)', ({ illAtOnce }) => burst(illAtOnce)),
    row('15 killed at once: event to call (ms)', ({ killedAtOnce }) => burst(killedAtOnce)),
    row('behind eight that sit out their grace (ms)', ({ behind }) =>
      behind === undefined ? '' : `${behind.call ?? 'never'} (${behind.sittingOut} sat it out)`,
    ),
    row(
      'quiet minute: engine requests',
      quiet(({ requests }) => String(requests)),
    ),
    row(
      'quiet minute: CPU (s)',
      quiet(minute => String(minute.cpuSeconds)),
    ),
    row(
      'quiet minute: bytes of events',
      quiet(({ eventBytes }) => String(eventBytes)),
    ),
    row(
      'resident memory (MB): anonymous + file',
      quiet(({ memory }) => `${memory.rss}: ${memory.anonymous} + ${memory.file}`),
    ),
    row(
      'proportional (MB)',
      quiet(({ memory }) => String(memory.proportional)),
    ),
  ];
}
