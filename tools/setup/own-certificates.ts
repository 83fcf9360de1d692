import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';

const addedByHand = '/usr/local/share/ca-certificates';
const shippedByDebian = '/usr/share/ca-certificates/mozilla';

/**
 * The certificate authorities that this machine trusts beyond the public ones, as PEM: a company's proxy or registry
 * mirror. npm inside `docker build` must trust them too, or it waits for minutes and fails.
 */
export async function ownCertificates(): Promise<string> {
  const bundles = [process.env.NODE_EXTRA_CA_CERTS, process.env.npm_config_cafile].filter(path => path !== undefined);
  const files = [...bundles, ...(await filesIn(addedByHand))];
  const known = [...rootCertificates, ...(await certificatesIn(await filesIn(shippedByDebian)))];
  const isKnown = new Set(known.map(withoutSpace));
  const own = new Map<string, string>();
  for (const certificate of await certificatesIn(files)) {
    if (!isKnown.has(withoutSpace(certificate))) own.set(withoutSpace(certificate), certificate);
  }
  return [...own.values()].join('\n');
}

async function certificatesIn(files: readonly string[]): Promise<string[]> {
  const texts = await Promise.all(files.map(file => readFile(file, 'utf8').catch(() => '')));
  return texts.flatMap(text => text.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []);
}

async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter(name => name.endsWith('.crt')).map(name => join(folder, name));
}

function withoutSpace(text: string): string {
  return text.replaceAll(/\s/g, '');
}
