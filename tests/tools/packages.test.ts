import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { verdictFrom } from '../../tools/packages/audit-verdict.ts';
import { billOfMaterials } from '../../tools/packages/bill-of-materials.ts';
import { licencesPage } from '../../tools/packages/licences-page.ts';
import { OLD_WAY, readLock, shippedPackages } from '../../tools/packages/locked.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const product = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const lock = readLock(ROOT);
const shipped = shippedPackages(lock);

/** Licences under which one may ship something without publishing one's own work. To add one is a decision. */
const ACCEPTED = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'ISC', 'MIT', 'Unlicense'];

describe('the packages that are shipped', () => {
  test('are pinned, and checked by their hash when they are installed', () => {
    const loose = Object.entries({ ...product.dependencies, ...product.devDependencies }).filter(
      ([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)),
    );

    expect(loose).toEqual([]);
    expect(shipped.length).toBeGreaterThan(100);
    expect(shipped.filter(({ integrity }) => !integrity?.startsWith('sha512-'))).toEqual([]);
  });

  test('come from the registry, and from no address of their own', () => {
    const addresses = JSON.stringify(lock.packages).match(/"(?:resolved|from)":"[^"]*"|git\+|github:|file:/g) ?? [];

    expect(addresses).toEqual([]);
  });

  test('have licences under which they may be shipped', () => {
    expect(shipped.filter(({ licence }) => !ACCEPTED.includes(licence ?? '')).map(({ name }) => name)).toEqual([]);
  });

  test('say themselves what we say of those that say it in the old way', () => {
    const installed = Object.entries(OLD_WAY).filter(([name]) => existsSync(join(ROOT, 'node_modules', name)));

    for (const [name, licence] of installed) {
      const { licenses } = JSON.parse(readFileSync(join(ROOT, 'node_modules', name, 'package.json'), 'utf8'));
      expect([name, licenses.map(({ type }: { type: string }) => type)]).toEqual([name, [licence]]);
    }
    expect(installed.length).toBeGreaterThan(0);
  });

  test('are listed in docs/licences.md; if not, run: npm run licences', () => {
    expect(readFileSync(join(ROOT, 'docs', 'licences.md'), 'utf8')).toBe(licencesPage(shipped));
  });
});

describe('the bill of materials', () => {
  const bill = billOfMaterials(product, lock, shipped);

  test('holds every package that is locked for the image, in its version and with its hash, and nothing else', () => {
    const locked = Object.entries(lock.packages)
      .filter(([place, { dev }]) => place !== '' && !dev)
      .map(([place, { version, integrity }]) => {
        const name = place.replace(/.*node_modules\//, '');
        const hash = Buffer.from(String(integrity).replace('sha512-', ''), 'base64').toString('hex');
        return `${name} ${version} ${hash}`;
      });
    const billed = bill.components.map(
      ({ group, name, version, hashes }) =>
        `${group === undefined ? '' : `${group}/`}${name} ${version} ${hashes?.[0]?.content}`,
    );

    expect(billed.sort()).toEqual([...new Set(locked)].sort());
    expect(bill.components.filter(({ licenses }) => licenses === undefined)).toEqual([]);
  });

  test('says what needs what, from the product to the last package', () => {
    const needs = new Map(bill.dependencies.map(({ ref, dependsOn }) => [ref, dependsOn]));
    const reached = new Set<string>();
    const walk = (ref: string): void => {
      if (reached.has(ref)) return;
      reached.add(ref);
      for (const next of needs.get(ref) ?? []) walk(next);
    };

    walk(bill.metadata.component['bom-ref']);

    expect([...reached].sort()).toEqual([...needs.keys()].sort());
    expect(bill.components.map(component => component['bom-ref']).filter(ref => !reached.has(ref))).toEqual([]);
  });

  test('names packages as others name them', () => {
    const refs = bill.components.map(({ purl }) => purl);

    expect(refs).toContain(`pkg:npm/express@${product.dependencies.express}`);
    expect(refs.filter(ref => !/^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d[\w.+-]*$/.test(ref))).toEqual([]);
    expect(new Set(refs).size).toBe(refs.length);
  });
});

describe('an audit', () => {
  test('that finds nothing is fine', () => {
    const printed = JSON.stringify({ auditReportVersion: 2, vulnerabilities: {}, metadata: {} });

    expect(verdictFrom(printed)).toEqual({
      status: 0,
      lines: ['No package that is shipped has a known vulnerability.'],
    });
  });

  test('that finds something names it, and whether it can be mended', () => {
    const found = { severity: 'high', range: '<1.2.3' };
    const vulnerabilities = {
      a: { ...found, name: 'a', fixAvailable: { name: 'a', version: '1.2.3', isSemVerMajor: false } },
      b: { ...found, name: 'b', fixAvailable: false },
    };

    const { status, lines } = verdictFrom(JSON.stringify({ auditReportVersion: 2, vulnerabilities }));

    expect(status).toBe(1);
    expect(lines).toContain('  a <1.2.3: high; a newer version mends it');
    expect(lines).toContain('  b <1.2.3: high; no version mends it yet');
  });

  test.each([
    ['a registry that has no audit', '{"message":"405 Method Not Allowed","statusCode":405,"body":""}', 'status 405'],
    ['no network', '{"message":"request failed","error":{"code":"ENOTFOUND","summary":""}}', 'ENOTFOUND'],
    ['nothing at all', '', 'no answer'],
    ['a page of a proxy', '<html>', 'no answer'],
  ])('that nobody answers is not taken for a good one: %s', (_, printed, why) => {
    const { status, lines } = verdictFrom(printed);

    expect(status).toBe(3);
    expect(lines[0]).toContain(why);
    expect(lines[1]).toContain('Nothing is known, neither good nor bad');
  });
});
