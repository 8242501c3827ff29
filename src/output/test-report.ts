import type { TestReport } from '../operations/test-models.js';
import { countOf } from './count.js';
import { scrub } from './scrub.js';

/** A line a test, and of those that failed the rows by which they differ. */
export function formatTests({ tests, untested }: TestReport): string {
  const lines = tests.flatMap(({ model, passed, missing, unexpected }) => [
    `${passed ? 'ok  ' : 'fail'}  ${model}`,
    ...missing.map((row) => `      expected  ${scrub(row)}`),
    ...unexpected.map((row) => `      given     ${scrub(row)}`),
  ]);
  return [
    ...lines,
    ...untested.map((model) => `none  ${model}`),
    `${countOf(tests.length, 'test')}, ${countOf(untested.length, 'model')} without one.`,
  ].join('\n');
}
