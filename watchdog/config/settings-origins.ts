import { POLICY_FIELDS, POLICY_KEYS } from './policy-keys.ts';
import type { ConfigFile } from './read-config-file.ts';
import { type EnvReading, GLOBAL_NAMES } from './read-env.ts';
import type { Path } from './read-yaml.ts';

/** What only the file sets, below its head. */
const FILE_ONLY: readonly Path[] = [
  ['playbooks', 'folders'],
  ['strategies', 'folder'],
  ['approvals', 'wait'],
  ['backups', 'keep'],
  ['backups', 'max_size'],
  ['disk', 'paths'],
  ['disk', 'threshold'],
  ['disk', 'cleanup', 'build_cache'],
  ['disk', 'cleanup', 'dangling_images'],
  ['disk', 'cleanup', 'logs_older_than'],
  ['disk', 'cleanup', 'log_paths'],
  ['disk', 'cleanup', 'stopped_containers'],
  ['disk', 'cleanup', 'system_prune'],
  ['notify', 'report', 'at'],
  ['notify', 'report', 'zone'],
  ['masking', 'emails'],
  ['masking', 'patterns'],
  ['queues', 'hosts'],
  ['maintenance'],
  ['retention', 'keep'],
  ['retention', 'max_size'],
];

/**
 * Where every value came from. Keys: the variable's name for what the environment alone sets (`WATCHDOG_INTERVAL`), the
 * file's path for the rest (`policy.cooldown`, `services.web.cooldown`, `retention.keep`).
 */
export function originsOf(env: EnvReading, file: ConfigFile): Record<string, string> {
  const origins: Record<string, string> = {};
  for (const name of GLOBAL_NAMES) origins[name] = originOfVariable(env, name);
  for (const field of POLICY_FIELDS) {
    const key = POLICY_KEYS[field];
    const inFile = originInFile(file, ['policy', key.file]);
    origins[`policy.${key.file}`] = env.policy[field] === undefined ? (inFile ?? 'default') : `env ${key.env}`;
  }
  for (const path of FILE_ONLY) origins[path.join('.')] = originInFile(file, path) ?? 'default';
  for (const condition of Object.keys(file.content.playbooks?.use ?? {}))
    note(origins, file, ['playbooks', 'use', condition]);
  for (const strategy of Object.keys(file.content.approvals?.allow ?? {}))
    note(origins, file, ['approvals', 'allow', strategy]);
  for (const name of Object.keys(file.content.ports ?? {})) note(origins, file, ['ports', name]);
  for (const index of (file.content.masking?.patterns ?? []).keys())
    note(origins, file, ['masking', 'patterns', index, 'expression']);
  for (const [name, section] of Object.entries(file.content.services ?? {})) {
    for (const key of Object.keys(section)) if (key !== 'playbook') note(origins, file, ['services', name, key]);
    for (const condition of Object.keys(section.playbook ?? {})) {
      note(origins, file, ['services', name, 'playbook', condition]);
    }
  }
  for (const [name, section] of Object.entries(file.content.scaling ?? {})) {
    for (const key of Object.keys(section)) note(origins, file, ['scaling', name, key]);
    for (const [index, metric] of (section.metrics ?? []).entries()) {
      for (const key of Object.keys(metric)) note(origins, file, ['scaling', name, 'metrics', index, key]);
    }
  }
  return origins;
}

function originOfVariable(env: EnvReading, name: (typeof GLOBAL_NAMES)[number]): string {
  if (env.files[name] !== undefined) return `env ${name}_FILE`;
  return env.globals[name] === undefined ? 'default' : `env ${name}`;
}

function note(origins: Record<string, string>, file: ConfigFile, path: Path): void {
  const origin = originInFile(file, path);
  if (origin !== undefined) origins[path.join('.')] = origin;
}

/** Undefined when the file does not set it. */
function originInFile(file: ConfigFile, path: Path): string | undefined {
  let here: unknown = file.content;
  for (const step of path) {
    here = typeof here === 'object' && here !== null ? (here as Record<PropertyKey, unknown>)[step] : undefined;
  }
  return here === undefined ? undefined : file.placeOf(path);
}
