import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** The top folder of the project. */
export const projectFolder = dirname(dirname(import.meta.dirname));

/** What set-up fetched and may fetch again: git-ignored, safe to delete. */
export const cacheFolder = join(projectFolder, '.cache');

/** Where the docker client looks for a user's plugins. */
export const cliPlugins = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'cli-plugins');

/** The Compose file of the stack. */
export const composeFile = join(projectFolder, 'compose', 'compose.yaml');

/** Lays two socket proxies over it. */
export const hardenedFile = join(projectFolder, 'compose', 'compose.hardened.yaml');

/** The name under which `npm start` runs the stack. */
export const stackProject = 'compose-watchdog';
