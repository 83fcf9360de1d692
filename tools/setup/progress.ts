/** Prints what is being done and, when it is over, how many seconds it took. */
export async function step<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now();
  console.log(`· ${what} …`);
  try {
    const result = await work();
    console.log(`✓ ${what} (${seconds(begun)})`);
    return result;
  } catch (error) {
    console.log(`✗ ${what} (${seconds(begun)})`);
    throw error;
  }
}

/** Runs a tool's main function; an error becomes one readable message and exit status 1. */
export async function runTool(main: () => Promise<number | undefined>): Promise<void> {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`;
}
