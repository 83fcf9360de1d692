import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DASHBOARDS, textOf } from './dashboards/all.ts';
import { projectFolder } from './setup/places.ts';

// `npm run dashboards`: writes what Grafana reads. The code is what people edit and review.
const folder = join(projectFolder, 'monitoring', 'grafana', 'dashboards');
mkdirSync(folder, { recursive: true });
for (const [file, dashboard] of Object.entries(DASHBOARDS)) {
  writeFileSync(join(folder, file), textOf(dashboard));
  console.log(`✓ monitoring/grafana/dashboards/${file}`);
}
