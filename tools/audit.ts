import { verdictFrom } from './packages/audit-verdict.ts';
import { tryCommand } from './setup/command.ts';
import { projectFolder } from './setup/places.ts';

// `npm run audit`: whether something is known against a package that is shipped.
const { stdout } = await tryCommand(['npm', 'audit', '--omit=dev', '--json'], { cwd: projectFolder, timeout: 120_000 });
const { status, lines } = verdictFrom(stdout);
for (const line of lines) console.log(line);
process.exitCode = status;
