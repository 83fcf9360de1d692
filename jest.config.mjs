// Tests run the same TypeScript the product runs: Node's own type stripping, no second compiler.
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/strip-types.mjs' },
};

export default {
  // A test that hangs has to end; on a machine that is busy with other things that is all a limit may say. Jest takes it here only.
  testTimeout: 1_200_000,
  projects: [
    {
      ...base,
      displayName: 'unit',
      testMatch: ['<rootDir>/tests/**/*.test.ts'],
      testPathIgnorePatterns: ['/tests/engine/', '/tests/faults/', '/tests/monitoring/', '/tests/stack/'],
    },
    { ...base, displayName: 'rules', testMatch: ['<rootDir>/tests/monitoring/**/*.test.ts'] },
    { ...base, displayName: 'stack', testMatch: ['<rootDir>/tests/stack/**/*.test.ts'] },
    { ...base, displayName: 'engine', testMatch: ['<rootDir>/tests/engine/**/*.test.ts'] },
    {
      ...base,
      displayName: 'faults',
      testMatch: ['<rootDir>/tests/faults/**/*.test.ts'],
      // Minutes, and a machine for themselves: `npm run faults`.
      testPathIgnorePatterns: process.env.FAULTS === 'long' ? [] : ['/tests/faults/long/'],
    },
  ],
};
