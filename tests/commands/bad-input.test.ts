import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeSampleProject, type SampleProject } from './sample-project.js';

let project: SampleProject;
beforeAll(() => {
  project = makeSampleProject();
});
afterAll(() => {
  project.remove();
});

// Nothing was started, and nothing is left behind.
afterEach(() => {
  expect(readdirSync(project.dir).sort()).toEqual(['pipelines', 'sql']);
});

const DATE = 'for example: `--date 2026-11-20`';
const COUNT = '--records must be a whole number from 1 to 50,000,000';
const PIPELINES = 'available: persons';

const REFUSED: readonly (readonly [argv: string, code: string, told: string])[] = [
  ['run --date 2026-13-40', 'E_DATE', DATE],
  ['run --date yesterday', 'E_DATE', DATE],
  ['run --date=', 'E_DATE', DATE],
  ['ingest --date 2023-02-29', 'E_DATE', DATE],
  ['run --date 2999-01-01', 'E_DATE_FUTURE', 'later than tomorrow'],
  ['adopt some.parquet --dataset persons --date 2999-01-01', 'E_DATE_FUTURE', 'later than tomorrow'],
  ['report --date 2999-01-01', 'E_NOT_LANDED', 'no data has landed for persons on 2999-01-01'],
  ['export --date 2999-01-01', 'E_NOT_LANDED', 'no data has landed for persons on 2999-01-01'],
  ['check --date 2999-01-01', 'E_NOT_LANDED', 'no data has landed for persons on 2999-01-01'],
  ['transform --date 2999-01-01', 'E_NOT_LANDED', 'no data has landed for persons on 2999-01-01'],
  ['report', 'E_NOT_LANDED', 'run `pipeline run persons`'],
  ['status --from 2026-11-21 --to 2026-11-20', 'E_USAGE', 'swap the two dates'],
  ['run --records 0', 'E_USAGE', COUNT],
  ['run --records -5', 'E_USAGE', COUNT],
  ['run --records 1.5', 'E_USAGE', COUNT],
  ['run --records=', 'E_USAGE', COUNT],
  ['run nosuch', 'E_UNKNOWN', PIPELINES],
  ['run nosuch --records 5', 'E_UNKNOWN', PIPELINES],
  ['ingest nosuch', 'E_UNKNOWN', PIPELINES],
  ['transform nosuch', 'E_UNKNOWN', PIPELINES],
  ['explain nosuch', 'E_UNKNOWN', PIPELINES],
  ['runs nosuch', 'E_UNKNOWN', PIPELINES],
  ['status nosuch', 'E_UNKNOWN', PIPELINES],
  ['init-db nosuch', 'E_UNKNOWN', PIPELINES],
  ['run ../persons', 'E_NAME', 'lowercase letters'],
  ['ingest --dataset nosuch', 'E_UNKNOWN', PIPELINES],
  ['adopt some.parquet --dataset nosuch --date 2026-11-20', 'E_UNKNOWN', PIPELINES],
  ['adopt some.parquet --date 2026-11-20', 'E_USAGE', 'missing required flag --dataset'],
  ['adopt --dataset persons --date 2026-11-20', 'E_USAGE', 'missing argument'],
  ['report nosuch', 'E_UNKNOWN', 'available: email_provider_count, germany_gmail_percentage'],
  ['run --nosuch', 'E_USAGE', '--concurrency'],
  ['query', 'E_USAGE', 'missing argument'],
  ['query x --format xml', 'E_USAGE', 'table, csv, json'],
  ['export --format xml', 'E_USAGE', 'csv, json, parquet'],
  ['query from_t', 'E_NO_WAREHOUSE', 'pipeline run'],
  ['runs --limit 0', 'E_USAGE', '--limit must be a whole number'],
  ['fake-api --port 70000', 'E_USAGE', '1 to 65,535'],
  ['fake-api --fail canary=0.1', 'E_USAGE', 'too_many_requests, server_error, reset'],
  ['fake-api --fail reset=2', 'E_USAGE', 'RATE is from 0 to 1'],
  ['fake-api --fail reset=0.6 --fail drip=0.6', 'E_USAGE', 'together at most 1'],
  ['fake-api --generation v9', 'E_USAGE', 'v1, 2022, today'],
  ['fake-api --drift canary', 'E_USAGE', 'new_field, missing_field'],
  ['fake-api --rate-limit 30', 'E_USAGE', '--rate-limit 30/min'],
];

describe('bad input', () => {
  it.each(REFUSED)('%s: exit 2, %s, and says what is accepted', async (line, code, told) => {
    const argv = line.split(' ');
    const plain = await project.run(...argv);
    expect(plain).toMatchObject({ exit: 2, stdout: '' });
    expect(plain.stderr).toContain(code);
    expect(plain.stderr).toContain(told);
    expect(plain.stderr).toContain('Nothing was started.');
    expect(plain.stderr).not.toContain('canary');

    // Parsed as a whole: a second document, or a line beside it, would fail.
    const { exit, document } = await project.ask(...argv);
    expect(exit).toBe(2);
    expect(document).toMatchObject({ error: { code, exit: 2 } });
    expect(JSON.stringify(document)).toContain(told.replaceAll('"', '\\"'));
  });
});
