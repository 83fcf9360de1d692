import { runTool, step } from './setup/progress.ts';
import { compose } from './setup/stack.ts';

// `npm run stop`: takes the stack down. What the watchdog remembers stays in its volume; `npm run stop -- --volumes` forgets it.

async function main(): Promise<undefined> {
  const forget = process.argv.includes('--volumes') ? ['--volumes'] : [];
  await step('taking the stack down', () => compose(['down', '--remove-orphans', ...forget]));
  if (forget.length === 0) console.log('Its memory is kept in a volume; `npm run stop -- --volumes` removes that too.');
}

await runTool(main);
