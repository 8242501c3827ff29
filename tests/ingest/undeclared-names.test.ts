import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatRun } from '../../src/actions/run/run-summary.js';
import { formatJson } from '../../src/base/text/json.js';
import type { RunResult } from '../../src/base/types/result.js';
import { transform } from '../../src/pipeline.js';
import { sendJson, serve } from '../source/harness.js';
import { DATE, makeProject, type SmallProject } from './land-project.js';

const write = (url: string, contract = '') => `pipeline: shop
source: { base_url: '${url}', retries: 0 }
datasets:
  people:
    time: by_date
    request: { path: '/people/{date}', records: '', pagination: { type: page, page_param: page } }
    contract:
      ${contract}
      schema:
        type: object
        required: [id, name]
        properties:
          id: { type: integer, minimum: 1, maximum: 9999, x-pii: none }
          name: { type: string, maxLength: 100, x-pii: direct }
    landing:
      id: { from: id, treat: keep }
      name: { from: name, treat: redact }
`;

/** Each record has a map keyed by people, one of whom another page names. */
const record = (id: number, name: string) => ({ id, name, loyalty: 1, kanaryanna: 2, kanarybert: 3 });
const PAGES = [
  Array.from({ length: 30 }, (_, at) => record(at + 1, `Somebody ${at}`)),
  Array.from({ length: 30 }, (_, at) => record(at + 31, at === 7 ? 'KanaryAnna' : `Anybody ${at}`)),
];

async function land(contract = '', pages: readonly (readonly unknown[])[] = PAGES) {
  const { url } = await serve(({ query }, response) => {
    sendJson(response, pages[Number(query.get('page') ?? 1) - 1] ?? []);
  });
  const project = await makeProject({ 'pipelines/shop.yaml': write(url.origin, contract) });
  return { project, result: await project.land() };
}

const pathsOf = (result: RunResult) => result.datasets[0]?.drift.map(({ path, count }) => [path, count]);
const show = (result: RunResult, interactive: boolean) =>
  formatRun(result, { interactive, color: false, width: 200 });

/** The text of every file of the lake, and of the tables of the warehouse. */
async function readAll({ dir, open }: SmallProject): Promise<string> {
  await transform(await open(), { pipeline: 'shop', dates: [] });
  const lake = join(dir, 'data_lake');
  const files = readdirSync(lake, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.json'),
  );
  const database = readFileSync(join(dir, 'db', 'lake.duckdb'), 'latin1');
  return [...files.map((name) => readFileSync(join(lake, name), 'utf8')), database].join('\n');
}

describe('names of undeclared fields', () => {
  it('are on no disk and in no document: a count and a keyed hash stand for each', async () => {
    const { project, result } = await land();
    expect(pathsOf(result)).toEqual(
      Array.from({ length: 3 }, () => [expect.stringMatching(/^<undeclared [0-9a-f]{8}>$/) as string, 60]),
    );
    for (const text of [formatJson(result), await readAll(project), show(result, false)]) {
      expect(text).not.toMatch(/kanary|loyalty/i);
      expect(text).toContain('<undeclared ');
    }
  });

  it('are shown on a terminal, but for those that are the name of a person of the run', async () => {
    const { result } = await land();
    const shown = show(result, true);
    expect(shown).toMatch(/drift +new field loyalty <undeclared [0-9a-f]{8}> in 60 records/);
    expect(shown).toMatch(/new field kanarybert </);
    expect(shown).not.toMatch(/kanaryanna/i);
  });

  it('do not depend on the order of pages', async () => {
    const one = await land();
    const other = await land('', PAGES.toReversed());
    expect(pathsOf(other.result)).toEqual(pathsOf(one.result));
    expect(show(other.result, true)).not.toMatch(/kanaryanna/i);
  });

  it('are stored where the definition lists them', async () => {
    const { project, result } = await land('expected_fields: [loyalty]');
    expect(pathsOf(result)).toContainEqual(['loyalty', 60]);
    const all = await readAll(project);
    expect(all).toContain('loyalty');
    expect(all).not.toMatch(/kanary/i);
    expect(result.date).toBe(DATE);
  });
});
