import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../src/base/types/run-record.js';
import { readRuns } from '../../src/ledger/read-runs.js';
import { makeProject } from '../ingest/land-project.js';

const PAGE = `
pipeline: shop
source: { base_url: 'https://api.example' }
datasets:
  shop_carts:
    time: by_date
    request: { path: '/carts/{date}', records: '', pagination: { type: page, page_param: page } }
    contract:
      max_rejected: 50%
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 1, maximum: 99, x-pii: none }
    landing:
      id: { from: id, treat: keep }
    primary_key: [id]
`;
const RUN = '019a0000-0000-7000-8000-00000000000a';
const RECORD: RunRecord = {
  ...{ format: 1, run_id: RUN, command: 'ingest', pipeline: 'shop', date: '2026-03-01', slot: null },
  ...{ status: 'running', started_at: '2026-03-01T01:00:00.000Z', finished_at: null, tool_version: '0.0.0' },
  ...{ stages: [], datasets: [], models: [], checks: [], releases: [], error: null, healed: [] },
  ...{ cpu_ms: 0, peak_memory_bytes: 0 },
};

/** Opens a lake in which a run has committed nothing but this receipt; returns the recovered runs and the ledger. */
async function heal(receipt: unknown) {
  const { dir, open } = await makeProject({ 'pipelines/shop.yaml': PAGE });
  const lakeDir = join(dir, 'data_lake');
  const intent = { format: 1, run_id: RUN, staging: RUN, moves: [], manifests: [], removes: [], receipt };
  await mkdir(join(lakeDir, '_commits'), { recursive: true });
  await writeFile(join(lakeDir, '_commits', `${RUN}.json`), JSON.stringify(intent));
  const { lake } = await open();
  const { recovered } = await lake.exclusively('next', (found) => Promise.resolve(found));
  return { recovered, ledger: await readRuns(lakeDir, 9) };
}

describe('a commit that is rolled forward', () => {
  it('enters its receipt into the ledger', async () => {
    expect(await heal(RECORD)).toEqual({ recovered: [RUN], ledger: { runs: [RECORD], skipped: [] } });
  });

  it.each([
    ['null', null],
    ['a text', 'receipt'],
    ['only an id', { run_id: RUN }],
    ['an entry under a name that is no id', { ...RECORD, run_id: '../x' }],
  ])('is done without an entry when its receipt is %s', async (_, receipt) => {
    expect(await heal(receipt)).toEqual({ recovered: [RUN], ledger: { runs: [], skipped: [] } });
  });
});
