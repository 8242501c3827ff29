import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BackfillRequest, BackfillResult } from '../../src/actions/backfill/backfill-dates.js';
import { formatBackfill } from '../../src/actions/backfill/backfill-summary.js';
import { readLedger } from '../../src/actions/runs/run-list.js';
import { backfill } from '../../src/pipeline.js';
import { makeProject } from '../ingest/land-project.js';
import { serve } from '../source/harness.js';
import { bytes, status } from '../support/stub-api.js';

const NOW = new Date('2026-03-03T02:30:00Z');
const DATES = ['2026-03-01', '2026-03-02', '2026-03-03'];

function writePage(baseUrl: string, slot: string): string {
  return `
pipeline: shop
source: { base_url: ${baseUrl}, retries: 0 }
datasets:
  shop_calls:
    time: by_date${slot}
    request: { path: '/calls/{date}', query: { hour: '{slot}' }, records: '' }
    contract:
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 0, maximum: 9999, x-pii: none }
    landing:
      id: { from: id, treat: keep }
    checks:
      - { check: row_count, severity: warn, min: 1 }
`;
}

const CALLS = `-- description: calls
-- materialize: incremental by ingest_date
select id, _ingest_date as ingest_date from bronze.shop_calls`;

const HOURLY = '\n    slot: hour';

/** A source that fails for what `refuses` says, and the project that asks it. */
async function start(
  slot: string,
  refuses: (path: string, hour: string | null) => boolean = () => false,
  files: Readonly<Record<string, string>> = {},
) {
  let isDown = true;
  const server = await serve((asked, response) => {
    const hour = asked.query.get('hour');
    const answer = isDown && refuses(asked.path, hour) ? status(500) : bytes('[{"id":1}]');
    return answer(response, asked);
  });
  const page = writePage(server.url.origin, slot).replace(
    slot === '' ? ", query: { hour: '{slot}' }" : '',
    '',
  );
  const project = await makeProject({ 'pipelines/shop.yaml': page, ...files });
  const fill = async (said: Partial<BackfillRequest> = {}): Promise<BackfillResult> =>
    backfill(await project.open({ now: () => NOW }), {
      ...{ pipeline: 'shop', dates: DATES, datesInParallel: 1, source: null },
      ...{ dryRun: false, force: false, stalePolicy: false, asOfNow: false },
      ...said,
    });
  const asked = (): string[] =>
    server.asked.map(({ path, query }) => `${path.slice('/calls/'.length)}${query.get('hour') ?? ''}`);
  return { project, fill, asked, mend: () => (isDown = false), server };
}

const reasons = ({ plan }: BackfillResult) => plan.map(({ reason }) => reason);
const hours = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => String(from + i).padStart(2, '0'));

/** Puts another policy than today's in a manifest. */
async function makeStale(dir: string, name: string): Promise<void> {
  const path = join(dir, 'data_lake/raw', name);
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace(/("policy_sha256": ?")[0-9a-f]{64}/, `$1${'0'.repeat(64)}`));
}

describe('a backfill of days', () => {
  it('fetches those that are missing, once', async () => {
    const { project, fill, asked } = await start('');
    await project.land({ date: '2026-03-02' });
    const done = await fill();
    expect(reasons(done)).toEqual(['missing', 'landed', 'missing']);
    expect(done.plan.map(({ slots }) => slots)).toEqual([null, null, null]);
    expect(done.landed.map(({ date, slot }) => [date, slot])).toEqual([
      ['2026-03-01', null],
      ['2026-03-03', null],
    ]);
    expect(reasons(await fill())).toEqual(['landed', 'landed', 'landed']);
    expect(asked()).toEqual(['2026-03-02', '2026-03-01', '2026-03-03']);
  });

  it('goes on where it failed', async () => {
    const { fill, asked, mend } = await start('', (path) => path.endsWith('02'));
    await expect(fill()).rejects.toMatchObject({
      exit: 3,
      where: { date: '2026-03-02', dataset: 'shop_calls' },
      onDisk: 'This date is unchanged in the lake. Data that landed before was kept.',
    });
    mend();
    expect(reasons(await fill())).toEqual(['landed', 'missing', 'missing']);
    expect(asked()).toEqual(['2026-03-01', '2026-03-02', '2026-03-02', '2026-03-03']);
  });

  it('builds the tables where it was stopped between landing and them, and says what was as before', async () => {
    const { project, fill, asked } = await start('', () => false, { 'sql/shop/silver/calls.sql': CALLS });
    for (const date of DATES) await project.land({ date });
    const done = await fill();
    expect(reasons(done)).toEqual(['landed', 'landed', 'landed']);
    expect(done.models.map(({ model, rows }) => [model, rows])).toEqual([['silver.calls', 3]]);
    expect(done.checks.map(({ date, passed }) => [date, passed])).toEqual(DATES.map((date) => [date, true]));
    expect((await fill()).models).toEqual([]);
    expect(asked()).toEqual(DATES);
    const before = await fill({ dates: DATES.slice(2), force: true });
    expect(before.models.map(({ built }) => built)).toEqual(['skipped']);
    expect(formatBackfill(before, { color: false, interactive: false, width: 100 })).toContain(
      '  unchanged   silver.calls, 3 rows: its inputs have not changed',
    );
  });

  it('finds before it asks the source that no table could be published', async () => {
    const { fill, asked } = await start('', () => false, { 'db/lake.duckdb': 'something else' });
    await expect(fill()).rejects.toMatchObject({ code: 'E_NOT_A_DATABASE' });
    expect(asked()).toEqual([]);
  });

  it('tells of its own checks, and the ledger of all', async () => {
    const always = '-- description: finds one row\n-- severity: warn\nselect 1 as found';
    const { project, fill } = await start('', () => false, {
      'pipelines/other.yaml': writePage('http://127.0.0.1:9', HOURLY).replaceAll('shop', 'other'),
      'sql/other/checks/always.sql': always,
      'sql/shop/checks/always.sql': always,
    });
    const { checks } = await fill({ dates: DATES.slice(0, 1) });
    const own = ['shop_calls.row_count', 'always'];
    expect(checks.map(({ check, pipeline }) => [check, pipeline])).toEqual(own.map((name) => [name, 'shop']));
    const { runs } = await readLedger(await project.open(), { pipeline: null, date: null, limit: 9 });
    const kept = runs.flatMap((run) => run.checks.map(({ pipeline }) => pipeline));
    expect(kept.sort()).toEqual(['other', 'shop', 'shop']);
  });

  it('only says what it would do when asked for that', async () => {
    const { project, fill, asked } = await start('');
    const { plan, landed, models } = await fill({ dryRun: true });
    expect(plan.map(({ reason }) => reason)).toEqual(['missing', 'missing', 'missing']);
    expect([...landed, ...models, ...asked()]).toEqual([]);
    await expect(readdir(join(project.dir, 'data_lake/raw'))).rejects.toThrow();
  });

  it('fetches anew what was masked under an old policy, and nothing that is missing', async () => {
    const { project, fill, asked } = await start('');
    for (const date of DATES.slice(0, 2)) await project.land({ date });
    await makeStale(project.dir, '2026/03/02/shop_calls.manifest.json');
    expect(reasons(await fill({ stalePolicy: true }))).toEqual(['landed', 'old_policy', 'landed']);
    expect(asked().slice(2)).toEqual(['2026-03-02']);
  });

  it('fetches all anew by force', async () => {
    const { project, fill, asked } = await start('');
    await project.land({ date: '2026-03-02' });
    expect(reasons(await fill({ force: true }))).toEqual(['forced', 'forced', 'forced']);
    expect(asked().slice(1)).toEqual(DATES);
  });
});

describe('a backfill of hours', () => {
  it('wants all hours of a day, of today those that have begun, and none of tomorrow', async () => {
    const { project, fill } = await start(HOURLY);
    await project.land({ date: '2026-03-02', slot: '05' });
    await project.land({ date: '2026-03-03', slot: '01' });
    const { plan } = await fill({ dryRun: true, dates: [...DATES, '2026-03-04'] });
    expect(plan).toEqual([
      { date: '2026-03-01', reason: 'missing', slots: hours(24) },
      { date: '2026-03-02', reason: 'missing', slots: [...hours(5), ...hours(18, 6)] },
      { date: '2026-03-03', reason: 'missing', slots: ['00', '02'] },
      { date: '2026-03-04', reason: 'ahead', slots: [] },
    ]);
  });

  it('goes on with the hour at which it failed, one after another', async () => {
    const { fill, asked, mend, server } = await start(HOURLY, (_, hour) => hour === '01');
    const today = { dates: ['2026-03-03'] };
    await expect(fill(today)).rejects.toMatchObject({ exit: 3 });
    mend();
    const done = await fill(today);
    expect(done.plan).toEqual([{ date: '2026-03-03', reason: 'missing', slots: ['01', '02'] }]);
    expect(done.landed.map(({ slot }) => slot)).toEqual(['01', '02']);
    expect(asked()).toEqual(['2026-03-0300', '2026-03-0301', '2026-03-0301', '2026-03-0302']);
    expect(server.mostInFlight()).toBe(1);
    expect((await fill(today)).plan).toEqual([{ date: '2026-03-03', reason: 'landed', slots: [] }]);
    expect(formatBackfill(done, { color: false, interactive: false, width: 100 })).toContain(
      'landed 2 rows of 2 hours',
    );
  });

  it('fetches anew the hours under an old policy, or all of them by force', async () => {
    const { project, fill } = await start(HOURLY);
    for (const slot of ['00', '02']) await project.land({ date: '2026-03-03', slot });
    await makeStale(project.dir, '2026/03/03/shop_calls.T02.manifest.json');
    const today = { dates: ['2026-03-03'], dryRun: true };
    expect((await fill({ ...today, stalePolicy: true })).plan).toEqual([
      { date: '2026-03-03', reason: 'old_policy', slots: ['02'] },
    ]);
    expect((await fill({ ...today, force: true })).plan).toEqual([
      { date: '2026-03-03', reason: 'forced', slots: ['00', '01', '02'] },
    ]);
  });
});
