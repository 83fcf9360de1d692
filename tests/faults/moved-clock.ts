// Loaded into the product before anything else (`node --import`): its wall clock can be moved from outside, as by a person or by
// NTP. What measures durations, `performance.now()` and timers, goes on as ever, as it does on a real machine.
let moved = 0;

const RealDate = globalThis.Date;

globalThis.Date = class extends RealDate {
  constructor(...values: readonly unknown[]) {
    if (values.length === 0) super(RealDate.now() + moved);
    else super(...(values as [number]));
  }

  static override now(): number {
    return RealDate.now() + moved;
  }
} as DateConstructor;

process.on('message', ({ by }: { readonly by: number }) => {
  moved = by;
  process.send?.('moved');
});
process.channel?.unref();
