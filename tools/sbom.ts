import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { billOfMaterials } from './packages/bill-of-materials.ts';
import { readLock, shippedPackages } from './packages/locked.ts';
import { projectFolder } from './setup/places.ts';

// `npm run -s sbom > bom.json`: the bill of materials of what is shipped, CycloneDX in JSON.
const lock = readLock(projectFolder);
const product = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8'));
const shipped = shippedPackages(lock);
console.log(JSON.stringify(billOfMaterials(product, lock, shipped), null, 2));
