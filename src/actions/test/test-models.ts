import { failure, type LakeveilError } from '../../base/errors.js';
import { countOf } from '../../base/text/numbers.js';
import { scrub } from '../../base/text/scrub.js';
import { findDefinition, type Project } from '../../project.js';
import { loadModelTests } from '../../warehouse/checks/model-test.js';
import { type ModelTestResult, runModelTest } from '../../warehouse/checks/run-model-test.js';
import { loadWarehouseProject } from '../../warehouse/project.js';
import { knownIn, listPipelines } from '../transform/transform-dates.js';

/** What `pipeline test --json` prints. */
interface TestReport {
  readonly pipeline: string;
  readonly tests: readonly ModelTestResult[];
  /** Models that have no test. */
  readonly untested: readonly string[];
}

/**
 * Runs the tests of a pipeline's models, each in its own database; reads neither lake nor warehouse.
 * @throws E_UNKNOWN, E_MODEL, E_SQL_RUN; test results are in the report
 */
export async function testModels(project: Project, name: string): Promise<TestReport> {
  const { pipeline } = findDefinition(project, name);
  const pipelines = listPipelines(project);
  const { datasets, models } = await loadWarehouseProject(pipelines, knownIn(project));
  const tests = [];
  for (const own of pipelines.filter((known) => known.pipeline === pipeline)) {
    for (const test of await loadModelTests(own, models))
      tests.push(await runModelTest(test, datasets, models));
  }
  const tested = new Set(tests.map(({ model }) => model));
  const own = models.filter((model) => model.pipeline === pipeline);
  const untested = own
    .filter(({ name, release }) => release === null && !tested.has(name))
    .map((model) => model.name);
  return { pipeline, tests, untested };
}

/** The error of a report; null if every test passed. */
export function evaluateTests({ tests }: TestReport): LakeveilError | null {
  const failed = tests.filter(({ passed }) => !passed).length;
  return failed === 0 ? null : failure('E_TEST_FAILED', { failed, total: tests.length });
}

/** One line per test, and the differing rows of each failed test. */
export function formatTests({ tests, untested }: TestReport): string {
  const lines = tests.flatMap(({ model, passed, missing, unexpected }) => [
    `${passed ? 'ok  ' : 'fail'}  ${model}`,
    ...missing.map((row) => `      expected  ${scrub(row)}`),
    ...unexpected.map((row) => `      actual    ${scrub(row)}`),
  ]);
  return [
    ...lines,
    ...untested.map((model) => `none  ${model}`),
    `${countOf(tests.length, 'test')}, ${countOf(untested.length, 'model')} without tests.`,
  ].join('\n');
}
