import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findAirflow } from '../support/airflow.js';
import { start } from '../support/kill-harness.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const venv = findAirflow();

// The validator is a Python package, in the same virtual environment.
it.skipIf(venv === null)('ops/kubernetes.yaml is valid by the schemas of Kubernetes', async () => {
  const args = ['--strict', join(ROOT, 'ops', 'kubernetes.yaml')];
  const ended = await start({ command: join(venv ?? '', 'bin', 'kubernetes-validate'), args }).ended;
  expect(ended, ended.stdout + ended.stderr).toMatchObject({ code: 0 });
  expect(ended.stdout + ended.stderr).toContain('cronjob/lakeveil-persons');
});
