import { createServer, type Server } from 'node:http';

/** A simulated engine of healthy services that can be restarted, and that notes when it was told to. */
export interface ObedientEngine {
  /** Resolves with the moment (of `performance.now`) at which that service's container is told to restart next. */
  restartOf(service: string): Promise<number>;
  close(): void;
}

/** `service-0` and so on, one container each. In the bench's own process: its work is not the watchdog's. */
export async function obedientEngine(socket: string, project: string, count: number): Promise<ObedientEngine> {
  const waiting = new Map<string, (at: number) => void>();
  const services = new Map(Array.from({ length: count }, (_, n) => [idOf(n), `service-${n}`]));
  const server: Server = createServer((request, response) => {
    const [, , id = '', word = ''] = (request.url ?? '').split('?')[0]?.split('/') ?? [];
    const service = services.get(id);
    response.setHeader('content-type', 'application/json');
    if (request.url?.startsWith('/events')) response.flushHeaders();
    else if (request.url?.startsWith('/version')) response.end('{"Version":"20.10.24","ApiVersion":"1.41"}');
    else if (request.url?.startsWith('/containers/json'))
      response.end(JSON.stringify([...services].map(([each, name]) => listed(each, name, project))));
    else if (service !== undefined && word === 'json') response.end(JSON.stringify(inspected(id, service, project)));
    else if (service !== undefined && word === 'restart') {
      waiting.get(service)?.(performance.now());
      response.writeHead(204).end();
    } else response.writeHead(404).end('{"message":"no such thing in the simulated engine"}');
  });
  await new Promise<void>(resolve => server.listen(socket, resolve));
  return {
    restartOf: service => new Promise(resolve => waiting.set(service, resolve)),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const idOf = (n: number): string => n.toString(16).padStart(64, 'c');

const labelsOf = (service: string, project: string) => ({
  'com.docker.compose.container-number': '1',
  'com.docker.compose.oneoff': 'False',
  'com.docker.compose.project': project,
  'com.docker.compose.service': service,
});

const listed = (id: string, service: string, project: string) => ({
  Id: id,
  Names: [`/${project}-${service}-1`],
  Image: 'shop/service:1',
  Created: 1_790_000_000,
  Ports: [],
  Labels: labelsOf(service, project),
  State: 'running',
  Status: 'Up 3 days',
  HostConfig: { NetworkMode: `${project}_default` },
  NetworkSettings: { Networks: {} },
});

const inspected = (id: string, service: string, project: string) => ({
  Id: id,
  Name: `/${project}-${service}-1`,
  Created: '2026-09-20T10:00:00Z',
  Image: 'sha256:0',
  RestartCount: 0,
  State: { Status: 'running', ExitCode: 0, StartedAt: '2026-09-20T10:00:00Z', FinishedAt: '0001-01-01T00:00:00Z' },
  Config: { Image: 'shop/service:1', Labels: labelsOf(service, project) },
  HostConfig: { NetworkMode: `${project}_default`, RestartPolicy: { Name: 'no' } },
  NetworkSettings: { Networks: {} },
});
