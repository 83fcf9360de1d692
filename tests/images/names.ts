// The images that engine tests may use. `tools/setup/ensure-images.ts` builds them; README.md beside this file tells how.

/** Static busybox: sh, httpd, nc, wget, kill, sleep … and nothing else. Small (2 MB) and quick to start. */
export const busyboxImage = 'compose-watchdog/busybox:latest';

/** A service that falls ill on request: see README.md for its commands and environment. */
export const patientImage = 'compose-watchdog-test/patient:latest';

/** Node 26 with npm, tini and busybox, user `node` (uid 1000): what the product's image is built on. */
export const nodeImage = 'compose-watchdog/node:26';

/** The product itself, as `npm start` builds it. */
export const watchdogImage = 'compose-watchdog:latest';

// The official images, each under a name of ours, or where no registry can be reached what Debian has in their place.
export const prometheusImage = 'compose-watchdog/prometheus:latest';
export const alertmanagerImage = 'compose-watchdog/alertmanager:latest';
export const haproxyImage = 'compose-watchdog/haproxy:latest';

/** PostgreSQL, Redis, nginx, Celery and Python on Debian: what tests break in earnest. */
export const wardImage = 'compose-watchdog-test/ward:latest';
