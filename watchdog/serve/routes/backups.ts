import { backupBody } from '../bodies.ts';
import type { Deps } from '../deps.ts';
import { jsonRoute, type Route } from '../route.ts';
import { backupShape, pageOf } from '../shapes.ts';

/** What there is to go back to. */
export const backupsRoute = ({ backups }: Deps): Route =>
  jsonRoute({
    method: 'get',
    path: '/api/backups',
    summary: 'Backups of volumes, in one page; POST /repair/{service} with restore-backup puts one back',
    answer: pageOf(backupShape),
    reply: async () => ({ body: { items: (await backups.list()).map(backupBody) } }),
  });
