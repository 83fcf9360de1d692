const undoings = new Set<() => Promise<unknown>>();

/** Registers what must be undone even when the bench is broken off by a signal. */
export function undoAtSignal(undo: () => Promise<unknown>): void {
  undoings.add(undo);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    console.error('broken off: removing what was made');
    // Last in, first out: healers before the services they watch.
    const undone = [...undoings]
      .reverse()
      .reduce((before, undo) => before.then(undo).catch(() => undefined), Promise.resolve<unknown>(undefined));
    void undone.finally(() => process.exit(1));
  });
