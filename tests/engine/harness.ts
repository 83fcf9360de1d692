// What engine tests are told with. Everything is awaited: an event of the engine or news of the watchdog makes it look again.
import { jest } from '@jest/globals';

// Beyond the deadline of every single wait, so that it is the wait that fails and says what it waited for.
jest.setTimeout(1_200_000);

export { aProject, CHECK, checkWithin, type Project } from './project.ts';
export { aWatchdog, type Story, type Watched } from './watched.ts';
