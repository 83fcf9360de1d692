import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';

const adapter = new URL('../../../watchdog/adapters/docker/', import.meta.url);

/** Runs a script in a process of its own, with the real module loader, and lists which of these packages it has loaded. */
async function packagesLoadedBy(script: string): Promise<string[]> {
  const report = `
    import { createRequire } from 'node:module';
    import { openEngine } from '${adapter}dockerode.ts';
    import { endpointFrom } from '${adapter}endpoint.ts';
    const loaded = () => ['@grpc/grpc-js', 'ssh2', 'docker-modem'].filter(name =>
      Object.keys(createRequire(import.meta.url).cache).some(file => file.includes('/node_modules/' + name + '/lib/')));
    ${script}
    console.log(JSON.stringify(loaded()));
    process.exit();`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', report]);
  return JSON.parse(stdout);
}

describe("the engine's client", () => {
  test('loads neither gRPC nor ssh, which would cost a third of the memory', async () => {
    const script = `await openEngine(endpointFrom('unix:///nowhere.sock', {})).version({}).catch(() => {});`;

    expect(await packagesLoadedBy(script)).toEqual(['docker-modem']);
  });

  test('loads ssh for a host that is reached by it', async () => {
    const script = `openEngine(endpointFrom('ssh://nobody@127.0.0.1:1', {})).version({}).catch(() => {});
      await new Promise(setImmediate);`;

    expect(await packagesLoadedBy(script)).toEqual(['ssh2', 'docker-modem']);
  });
});
