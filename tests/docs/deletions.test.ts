import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DuckDBInstance } from '@duckdb/node-api';
import { readRows } from '../../src/base/duckdb.js';
import { transform } from '../../src/pipeline.js';
import { makeProject } from '../ingest/land-project.js';
import { sendJson, serve } from '../source/harness.js';

const TEXT = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8');
const FENCES =
  /^```yaml deletions\n(.*?)^```\n\n```json days\n(.*?)^```\n\n```sql model\n(.*?)^```\n\n```text rows\n(.*?)^```$/gms;
const EXAMPLES = [...TEXT.matchAll(FENCES)].map(([, yaml = '', days = '', sql = '', rows = '']) => ({
  name: /^-- materialize: (.*)$/m.exec(sql)?.[1] ?? '',
  days: JSON.parse(days) as Record<string, unknown>,
  ...{ yaml, sql, rows },
}));

describe('the examples of deletions in docs/sources.md', () => {
  it('are all run', () => {
    expect(EXAMPLES).toHaveLength([...TEXT.matchAll(/^```(?:yaml deletions|sql)/gm)].length / 2);
    expect(EXAMPLES).toHaveLength(2);
  });

  it.each(EXAMPLES)('give the rows that they show: $name', async ({ yaml, days, sql, rows }) => {
    let answer: unknown = [];
    const { url } = await serve((_asked, response) => {
      sendJson(response, answer);
    });
    const dataset = yaml.replaceAll(/^(?=.)/gm, '    ');
    const project = await makeProject({
      'pipelines/shop.yaml': `pipeline: shop\nsource: { base_url: '${url.origin}' }\ndatasets:\n  people:\n${dataset}`,
      'sql/shop/silver/people_now.sql': sql,
    });
    for (const [date, records] of Object.entries(days)) {
      answer = records;
      await project.land({ date, asOfNow: true });
    }
    await transform(await project.open(), { pipeline: 'shop', dates: [] });
    expect(await readTable(join(project.dir, 'db', 'lake.duckdb'))).toEqual(
      rows
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    );
  });
});

async function readTable(path: string): Promise<unknown[]> {
  const instance = await DuckDBInstance.create(path, { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    const sql = 'select to_json(t)::varchar as line from silver.people_now as t order by id';
    return (await readRows(connection, sql)).map(({ line }) => JSON.parse(String(line)) as unknown);
  } finally {
    instance.closeSync();
  }
}
