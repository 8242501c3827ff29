import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCaptured } from '../commands/capture-output.js';

const ROOT = join(import.meta.dirname, '..', '..');
const pipelines = readdirSync(join(ROOT, 'pipelines'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace(/\.yaml$/, ''));

describe.each(pipelines)('the models of %s', (pipeline) => {
  it('give the rows that their tests expect, and each has a test', async () => {
    const { exit, stdout } = await runCaptured(['test', pipeline, '--json', '--quiet', '--project', ROOT]);
    const report = JSON.parse(stdout) as { tests: { passed: boolean }[]; untested: string[] };
    expect(report).toMatchObject({ pipeline, untested: [] });
    expect(report.tests.filter(({ passed }) => !passed)).toEqual([]);
    expect(report.tests.length).toBeGreaterThan(0);
    expect(exit).toBe(0);
  });
});
