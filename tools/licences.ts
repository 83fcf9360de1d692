import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { licencesPage } from './packages/licences-page.ts';
import { readLock, shippedPackages } from './packages/locked.ts';
import { projectFolder } from './setup/places.ts';

// `npm run licences`: writes docs/licences.md anew, after package-lock.json has changed.
const shipped = shippedPackages(readLock(projectFolder));
writeFileSync(join(projectFolder, 'docs', 'licences.md'), licencesPage(shipped));
console.log(`✓ docs/licences.md: ${shipped.length} packages`);
