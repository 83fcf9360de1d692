// An engine that has as many containers as it is told, all healthy and quiet: for `measures/large-stack.ts`. A process of its
// own, so that its CPU and memory are not counted. It answers what a quiet watchdog asks: the list, an inspect, the events.
import { createServer } from 'node:http';

const [socket = '', count = '0', project = ''] = process.argv.slice(2);
const containers = Array.from({ length: Number(count) }, (_, index) => entry(index));
const list = JSON.stringify(containers);

createServer((request, response) => {
  const path = (request.url ?? '').split('?')[0];
  response.setHeader('content-type', 'application/json');
  if (path === '/containers/json') response.end(list);
  else if (path === '/events') response.flushHeaders();
  else if (path === '/version') response.end(JSON.stringify({ Version: '20.10.24', ApiVersion: '1.41' }));
  else response.writeHead(404).end('{"message":"no such thing in the simulated engine"}');
}).listen(socket);

/** As engine 20.10 lists a container of Compose 2, with everything that it sends. */
function entry(index: number) {
  const hash = (salt: number) => (index * 2_654_435_761 + salt).toString(16).padStart(16, '0').repeat(4).slice(0, 64);
  const service = `service-${Math.floor(index / 2)}`;
  const number = (index % 2) + 1;
  return {
    Id: hash(1),
    Names: [`/${project}-${service}-${number}`],
    Image: 'registry.example/shop/service:1.2.3',
    ImageID: `sha256:${hash(2)}`,
    Command: 'docker-entrypoint.sh node server.js',
    Created: 1_790_000_000 + index,
    Ports: [{ PrivatePort: 8080, Type: 'tcp' }],
    Labels: {
      'com.docker.compose.config-hash': hash(3),
      'com.docker.compose.container-number': String(number),
      'com.docker.compose.depends_on': 'db:service_healthy:false,cache:service_started:false',
      'com.docker.compose.image': `sha256:${hash(2)}`,
      'com.docker.compose.oneoff': 'False',
      'com.docker.compose.project': project,
      'com.docker.compose.project.config_files': '/srv/shop/compose.yaml',
      'com.docker.compose.project.working_dir': '/srv/shop',
      'com.docker.compose.service': service,
      'com.docker.compose.version': '2.26.1',
    },
    State: 'running',
    Status: 'Up 3 days (healthy)',
    HostConfig: { NetworkMode: `${project}_default` },
    NetworkSettings: { Networks: { [`${project}_default`]: network(hash) } },
    Mounts: [],
  };
}

function network(hash: (salt: number) => string) {
  return {
    IPAMConfig: null,
    Links: null,
    Aliases: null,
    NetworkID: hash(4),
    EndpointID: hash(5),
    Gateway: '172.20.0.1',
    IPAddress: '172.20.0.2',
    IPPrefixLen: 16,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    MacAddress: '02:42:ac:14:00:02',
    DriverOpts: null,
  };
}
