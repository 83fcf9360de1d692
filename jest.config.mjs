// Tests run the same TypeScript the product runs: Node's own type stripping, no second compiler.
const base = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/tests/strip-types.mjs' },
};

export default {
  projects: [
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/tests/**/*.test.ts'], testPathIgnorePatterns: ['/tests/engine/'] },
    { ...base, displayName: 'engine', testMatch: ['<rootDir>/tests/engine/**/*.test.ts'], testTimeout: 180_000 },
  ],
};
