import { configDefaults, defineConfig } from 'vitest/config';
import short, { LONG } from './vitest.config.js';

/** What takes minutes: kills at random moments, every command on every pipeline, hundreds of readers. */
export default defineConfig({
  test: { ...short.test, include: [LONG], exclude: configDefaults.exclude },
});
