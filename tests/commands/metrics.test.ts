import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from './sample-project.js';

/** What Prometheus reads of a project. */

const DATE = '2024-02-28';

let project: SampleProject;
let empty: SampleProject;
beforeAll(async () => {
  empty = makeSampleProject();
  project = makeSampleProject();
  const file = join(project.dir, 'pipelines/persons.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('RETRIES:-5', 'RETRIES:-0'));
  await project.run('run', 'persons', '--quiet', '--date', DATE, '--records', '200');
  await project.run('ingest', 'persons', '--quiet', '--date', DATE, '--source', 'http://127.0.0.1:1');
});
afterAll(() => {
  empty.remove();
  project.remove();
});

it('counts runs, records and rows, and names only what definitions and closed lists name', async () => {
  const { exit, stdout } = await project.run('metrics');
  expect(exit).toBe(0);
  const lines = stdout.split('\n');
  for (const line of [
    'lakeveil_runs_total{pipeline="persons",status="succeeded"} 1',
    'lakeveil_records_fetched_total{pipeline="persons",dataset="persons"} 200',
    'lakeveil_records_landed_total{pipeline="persons",dataset="persons"} 200',
    'lakeveil_last_run_failed{pipeline="persons"} 1',
    'lakeveil_run_errors_total{pipeline="persons",code="E_SOURCE_CONNECT"} 1',
    'lakeveil_checks{pipeline="persons",severity="error",result="passed"} 1',
    'lakeveil_lake_rows{pipeline="persons",dataset="persons"} 200',
    `lakeveil_dataset_newest_date_timestamp_seconds{pipeline="persons",dataset="persons"} ${Date.parse(DATE) / 1000}`,
  ]) {
    expect(lines).toContain(line);
  }
  const labels = [...stdout.matchAll(/(\w+)="/g)].map(([, label]) => label);
  expect(new Set(labels)).toEqual(
    new Set(['version', 'pipeline', 'status', 'code', 'stage', 'dataset', 'severity', 'result', 'release']),
  );
});

it('has a help text for each metric, and prints an empty project without data', async () => {
  const { exit, stdout } = await empty.run('metrics');
  expect(exit).toBe(0);
  expect(stdout).toContain('lakeveil_build_info{version="');
  const helped = [...stdout.matchAll(/^# HELP (\w+) \S/gm)].map(([, name]) => name);
  const typed = [...stdout.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name);
  expect(helped).toEqual(typed);
  expect(helped.length).toBeGreaterThan(15);
});

it('writes a file that any collector may read, in one step', async () => {
  const path = join(project.dir, 'lakeveil.prom');
  const { exit, document } = await project.ask('metrics', '--textfile', path);
  expect(exit).toBe(0);
  expect(document).toMatchObject({ path });
  expect(statSync(path).mode & 0o777).toBe(0o644);
  expect(readFileSync(path, 'utf8')).toBe((await project.run('metrics')).stdout);
  const missing = await project.ask('metrics', '--textfile', join(project.dir, 'absent', 'lakeveil.prom'));
  expect(missing.exit).toBe(6);
  // The second time, its own file is replaced; nothing else is.
  expect((await project.ask('metrics', '--textfile', path)).exit).toBe(0);
  const page = join(project.dir, 'pipelines/persons.yaml');
  symlinkSync(path, join(project.dir, 'link.prom'));
  for (const taken of [page, project.dir, join(project.dir, 'link.prom')])
    expect(await project.ask('metrics', '--textfile', taken)).toMatchObject({ exit: 2 });
  expect(readFileSync(page, 'utf8')).toContain('pipeline: persons');
});
