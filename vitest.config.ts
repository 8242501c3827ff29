import { configDefaults, defineConfig } from 'vitest/config';

/** `npm run test:long` takes these. */
export const LONG = 'tests/**/*.long.test.ts';

/** The ends of patience are for a test that hangs, and not a measure of how busy the machine is. */
const PATIENCE_MS = 600_000;

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: [...configDefaults.exclude, LONG],
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    expect: { poll: { timeout: PATIENCE_MS } },
    // One more than the cores of a small machine: tests wait for processes, disks and clocks.
    maxWorkers: 3,
    // Most of a short file would be spent on loading modules; hooks are registered for each file.
    isolate: false,
    setupFiles: ['tests/support/each-file.ts'],
    sequence: { shuffle: true },
  },
});
