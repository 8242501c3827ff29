import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure, type Where } from '../../src/base/errors.js';
import type { DatasetResult } from '../../src/base/types/run-record.js';
import { finishRun, openRun, type RunEnd, type RunStart } from '../../src/ledger/ledger.js';
import { listRuns, readRun, readRuns } from '../../src/ledger/read-runs.js';
import { ledgerFile, ledgerPath } from '../../src/ledger/run-id.js';

let lake = '';
beforeEach(() => {
  lake = mkdtempSync(join(tmpdir(), 'lakeveil-ledger-'));
});
afterEach(() => {
  rmSync(lake, { recursive: true, force: true });
});

const start: RunStart = {
  command: 'run',
  pipeline: 'persons',
  date: '2026-11-20',
  slot: null,
  tool_version: '0.1.0',
};

const dataset: DatasetResult = {
  dataset: 'persons',
  fetched: 10,
  landed: 6,
  rejected: 2,
  duplicates: 1,
  forgotten: 1,
  empty: 0,
  partition: { path: 'raw/2026/11/20/persons.parquet', rows: 6, bytes: 100, sha256: 'a'.repeat(64) },
  partitions: [{ path: 'raw/2026/11/20/persons.parquet', rows: 6, bytes: 100, sha256: 'a'.repeat(64) }],
  rejects: [{ code: 'format', path: 'email', count: 2 }],
  page_drift: null,
  nulled: [],
  drift: [{ kind: 'new_field', path: '<name withheld>', count: 10 }],
  withheld: null,
  singled_out: 0.96,
  unchanged: false,
};

const end: RunEnd = {
  status: 'succeeded',
  stages: [{ stage: 'fetch', dataset: 'persons', rows_in: 0, rows_out: 10, busy_ms: 12 }],
  datasets: [dataset],
  models: [
    {
      model: 'silver.persons_anonymized',
      pipeline: 'persons',
      rows: 6,
      built: 'full',
      dates: 1,
      singled_out: null,
    },
  ],
  checks: [],
  releases: [],
  error: null,
  healed: [],
};

const at = (text: string): Date => new Date(text);
const open = (text: string) => openRun(lake, at(text), start);

describe('a run in the ledger', () => {
  it('is a private file of its own below the UTC day of its start', async () => {
    const run = await open('2026-11-20T23:59:59.999Z');
    expect(ledgerPath(run.run_id)).toBe(`_runs/2026/11/20/${run.run_id}.json`);
    expect(statSync(ledgerFile(lake, run.run_id)).mode & 0o777).toBe(0o600);
    expect(await readRun(lake, run.run_id)).toEqual(run);
    expect(run).toMatchObject({ ...start, status: 'running', finished_at: null });
    expect(run.peak_memory_bytes).toBeGreaterThan(10_000_000);
  });

  it('is replaced by what came of it, and leaves nothing else behind', async () => {
    const run = await open('2026-11-20T13:00:00Z');
    const finished = await finishRun(lake, at('2026-11-21T00:00:01Z'), run, end);
    expect(await readRun(lake, run.run_id)).toEqual(finished);
    expect(finished).toMatchObject({
      ...end,
      started_at: run.started_at,
      finished_at: '2026-11-21T00:00:01.000Z',
    });
    expect(readdirSync(dirname(ledgerFile(lake, run.run_id)))).toEqual([`${run.run_id}.json`]);
  });

  it('keeps the error of a failed run by code and place', async () => {
    const run = await open('2026-11-20T13:00:00Z');
    const error = failure('E_SOURCE_STATUS', { status: 500 }, { dataset: 'persons', page: 3 });
    const told = { code: error.code, where: error.where };
    await finishRun(lake, at('2026-11-20T13:00:01Z'), run, {
      ...end,
      status: 'failed',
      datasets: [],
      error: told,
    });
    expect((await readRun(lake, run.run_id))?.error).toEqual(told);
  });

  it('keeps every part of the place of an error', async () => {
    const run = await open('2026-11-20T13:00:00Z');
    const where: Required<Where> = {
      ...{ pipeline: 'persons', date: '2026-11-20', dataset: 'persons', stage: 'fetch', field: 'a.b' },
      ...{ file: 'sql/a.sql', line: 1, column: 2, model: 'silver.a', origin: 'https://api.example.org' },
      ...{ path: '/persons', page: 3, position: 4, tries: 5, kept_pages: 6 },
    };
    const error = { code: 'E_SOURCE_STATUS', where } as const;
    await finishRun(lake, at('2026-11-20T13:00:01Z'), run, { ...end, status: 'failed', error });
    expect((await readRun(lake, run.run_id))?.error).toEqual(error);
  });

  it('does not succeed unless every record is accounted for', async () => {
    const run = await open('2026-11-20T13:00:00Z');
    const lost = { ...end, datasets: [{ ...dataset, landed: 5 }] };
    await expect(finishRun(lake, at('2026-11-20T13:00:01Z'), run, lost)).rejects.toMatchObject({
      code: 'E_COUNTS',
      exit: 1,
      where: { dataset: 'persons' },
      message: 'persons: 10 records were fetched, but 9 are accounted for',
    });
    expect((await readRun(lake, run.run_id))?.status).toBe('running');
  });

  it('is not written through a link', async () => {
    const elsewhere = join(lake, 'elsewhere');
    mkdirSync(elsewhere);
    mkdirSync(join(lake, '_runs'));
    symlinkSync(elsewhere, join(lake, '_runs', '2026'));
    await expect(open('2026-11-20T13:00:00Z')).rejects.toMatchObject({ code: 'E_LAKE_DAMAGED', exit: 6 });
  });

  it('says where it cannot be written', async () => {
    writeFileSync(join(lake, '_runs'), '');
    await expect(open('2026-11-20T13:00:00Z')).rejects.toMatchObject({ code: 'E_DISK', exit: 6 });
  });
});

describe('reading the ledger', () => {
  async function fill(): Promise<string[]> {
    const ids: string[] = [];
    for (const day of [
      '2025-12-31T23:00:00Z',
      '2026-01-01T01:00:00Z',
      '2026-01-01T02:00:00Z',
      '2026-02-01T00:00:00Z',
    ]) {
      ids.push((await open(day)).run_id);
    }
    return ids.reverse();
  }

  it('gives the newest first, no more than asked, and by what is wanted', async () => {
    const ids = await fill();
    expect((await readRuns(lake, 10)).runs.map((run) => run.run_id)).toEqual(ids);
    expect((await readRuns(lake, 2)).runs.map((run) => run.run_id)).toEqual(ids.slice(0, 2));
    const old = await readRuns(lake, 1, (run) => run.started_at < '2026');
    expect(old.runs.map((run) => run.run_id)).toEqual(ids.slice(3));
    expect((await readRuns(lake, 0)).runs).toEqual([]);
  });

  it('does not open older days than it must', async () => {
    const [newest] = await fill();
    rmSync(join(lake, '_runs', '2025'), { recursive: true });
    writeFileSync(join(lake, '_runs', '2025'), 'a file where a folder was');
    const page = await readRuns(lake, 1);
    expect(page).toMatchObject({ runs: [{ run_id: newest }], skipped: [] });
  });

  it('is empty where there is no ledger yet', async () => {
    expect(await readRuns(join(lake, 'nowhere'), 10)).toEqual({ runs: [], skipped: [] });
  });

  it('passes over what is torn, foreign or a link, and names it', async () => {
    const [first = '', torn = '', foreign = '', linked = ''] = await fill();
    truncateSync(ledgerFile(lake, torn), 100);
    appendFileSync(join(lake, '_runs', 'notes.txt'), 'x');
    writeFileSync(ledgerFile(lake, foreign), JSON.stringify({ format: 1, run_id: foreign }));
    renameSync(ledgerFile(lake, linked), join(lake, 'moved.json'));
    symlinkSync(join(lake, 'moved.json'), ledgerFile(lake, linked));
    writeFileSync(join(dirname(ledgerFile(lake, first)), `.${first}.00000000.tmp`), '{');
    const why: Record<string, string> = {};
    for await (const entry of listRuns(lake)) why[entry.path] = entry.kind === 'run' ? 'run' : entry.why;
    expect(why).toEqual({
      '_runs/notes.txt': 'foreign',
      [ledgerPath(first)]: 'run',
      [ledgerPath(torn)]: 'torn',
      [ledgerPath(foreign)]: 'foreign',
      [ledgerPath(linked)]: 'link',
    });
  });

  it('does not believe a record that lies under another run’s name or day', async () => {
    const [newest = '', other = ''] = await fill();
    writeFileSync(ledgerFile(lake, other), readFileSync(ledgerFile(lake, newest)));
    renameSync(ledgerFile(lake, newest), join(lake, '_runs', '2026', '01', '01', `${newest}.json`));
    const { runs, skipped } = await readRuns(lake, 10);
    expect(runs).toHaveLength(2);
    expect(skipped).toEqual([`_runs/2026/01/01/${newest}.json`, ledgerPath(other)]);
  });

  it('does not follow a ledger that is a link', async () => {
    mkdirSync(join(lake, 'real'));
    symlinkSync(join(lake, 'real'), join(lake, '_runs'));
    expect(await readRuns(lake, 1)).toEqual({ runs: [], skipped: ['_runs'] });
  });

  it('refuses what is not a run id before it touches a path', async () => {
    await expect(readRun(lake, '../../etc/passwd')).rejects.toMatchObject({ code: 'E_RUN_ID', exit: 2 });
  });
});
