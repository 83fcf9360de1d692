import { BUILT_IN_LOG_PATTERNS, type LogPatterns, loadLogPatterns } from '../config/log-patterns.ts';
import type { Settings } from '../config/settings.ts';
import { patternFaults } from '../diagnose/log-errors/compile-pattern.ts';

/** The patterns as these settings have them, judged. */
export const logPatternsFor = (settings: Pick<Settings, 'logPatternFolders'>): LogPatterns =>
  loadLogPatterns({ folders: [BUILT_IN_LOG_PATTERNS, ...settings.logPatternFolders], faultsOf: patternFaults });
