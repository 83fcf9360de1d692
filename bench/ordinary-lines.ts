/** Lines as a busy host writes them, of 100 to 200 bytes, one in two hundred an error; always the same ones. */
export function ordinaryLines(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const make = index % 200 === 199 ? FAULTS[index % FAULTS.length] : HARMLESS[index % HARMLESS.length];
    return make?.(index) ?? '';
  });
}

const time = (index: number): string =>
  `2025-03-05T10:${two(index / 60)}:${two(index)}.${String(index % 1_000).padStart(3, '0')}Z`;
const two = (value: number): string => String(Math.floor(value) % 60).padStart(2, '0');

const HARMLESS: readonly ((index: number) => string)[] = [
  index =>
    `172.18.0.${index % 250} - - [05/Mar/2025:10:${two(index)}:11 +0000] "GET /api/orders/${index}?page=${index % 7} HTTP/1.1" 200 ${index % 9_000} "https://shop.example/cart" "Mozilla/5.0 (X11; Linux x86_64)"`,
  index =>
    `${time(index)} INFO  [http-worker-${index % 16}] com.acme.shop.OrderService - order ${index} of customer ${index % 977} stored in ${index % 90} ms, ${index % 5} positions`,
  index =>
    `{"level":30,"time":${1_741_169_472_000 + index},"pid":17,"hostname":"api-1","reqId":"req-${index}","res":{"statusCode":200},"responseTime":${index % 300},"msg":"request completed"}`,
  index =>
    `${time(index).replace('T', ' ').replace('Z', ' UTC')} [${index % 90}] LOG:  duration: ${index % 900}.${index % 1_000} ms  statement: SELECT id, name, price FROM article WHERE shelf = ${index % 40} ORDER BY name LIMIT 20`,
  index =>
    `1:M 05 Mar 2025 10:${two(index)}:12.131 * ${index % 100} changes in 300 seconds. Saving... Background saving started by pid ${index % 30_000}, ${index % 64} MB of memory used by copy-on-write`,
  index =>
    `[2025-03-05 10:${two(index)}:12,131: INFO/ForkPoolWorker-${index % 8}] Task shop.tasks.send_mail[4f2a${index}] succeeded in 0.${index % 1_000}s: {'sent': ${index % 3}, 'errors': 0}`,
  index =>
    `time="${time(index)}" level=info msg="scrape finished" target=http://172.18.0.${index % 250}:9100/metrics duration=0.0${index % 100} samples=${index % 4_000} component="scrape manager"`,
  index =>
    `${time(index)} DEBUG cache: key article:${index} not in cache, reading it from the database and keeping it for 300 s (hits ${index % 1_000}, misses ${index % 91}, evictions 0)`,
];

const FAULTS: readonly ((index: number) => string)[] = [
  index =>
    `${time(index)} ERROR [http-worker-${index % 16}] com.acme.shop.Payment - java.net.ConnectException: Connection refused while asking http://payment:8080/v1/charge/${index}`,
  index =>
    `2025/03/05 10:${two(index)}:12 [error] 31#31: *${index} connect() failed (111: Connection refused) while connecting to upstream, client: 172.18.0.1, server: _, request: "GET / HTTP/1.1"`,
  index =>
    `1:M 05 Mar 2025 10:${two(index)}:12.131 # Write error writing append only file on disk: No space left on device, ${index} bytes were not written and the server goes on serving reads only`,
];
