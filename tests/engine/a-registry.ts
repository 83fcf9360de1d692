import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A registry on 127.0.0.1, which an engine asks without TLS, with one image: a release of one that the engine has. */
export interface Registry {
  /** `127.0.0.1:4711/app:latest` */
  readonly image: string;
  readonly close: () => void;
}

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** What the OCI distribution specification calls pull (end-1 to end-3), and no more. `release`: what the image's `RELEASE` says. */
export async function aRegistry(original: string, release: string): Promise<Registry> {
  const { config, layers } = contentOf(original, release);
  const entry = (mediaType: string, content: Buffer) => ({
    mediaType,
    size: content.length,
    digest: digestOf(content),
  });
  const kind = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: kind,
      config: entry('application/vnd.docker.container.image.v1+json', config),
      layers: layers.map(layer => entry('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)),
    }),
  );
  const blobs = new Map([config, ...layers].map(content => [digestOf(content), content]));
  const server = createServer(({ url = '', method }, response) => {
    const name = url.split('/').at(-1) ?? '';
    const found = url.includes('/manifests/') ? manifest : blobs.get(name);
    if (url === '/v2/') response.end('{}');
    else if (found === undefined) response.writeHead(404).end('{}');
    else {
      const type = found === manifest ? kind : 'application/octet-stream';
      response.writeHead(200, {
        'content-type': type,
        'content-length': found.length,
        'docker-content-digest': digestOf(found),
      });
      response.end(method === 'HEAD' ? undefined : found);
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    image: `127.0.0.1:${port}/app:latest`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Of an image that the engine has, by `docker save`. */
function contentOf(original: string, release: string): { readonly config: Buffer; readonly layers: readonly Buffer[] } {
  const folder = mkdtempSync(join(tmpdir(), 'cwt-registry-'));
  try {
    execFileSync('sh', ['-c', 'docker save "$0" | tar -x -C "$1"', original, folder]);
    const read = (file: string) => readFileSync(join(folder, file));
    const [saved] = JSON.parse(read('manifest.json').toString()) as [{ Config: string; Layers: string[] }];
    const config = JSON.parse(read(saved.Config).toString());
    config.config.Env = [...(config.config.Env ?? []), `RELEASE=${release}`];
    return { config: Buffer.from(JSON.stringify(config)), layers: saved.Layers.map(layer => gzipSync(read(layer))) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
