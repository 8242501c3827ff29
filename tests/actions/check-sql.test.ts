import { expect, it } from 'vitest';
import { checkSql } from '../../src/actions/transform/check-sql.js';
import type { LogFields } from '../../src/base/effects.js';
import { makeProject } from '../ingest/land-project.js';

const PAGE = `pipeline: shop
source: { base_url: 'http://127.0.0.1:1' }
datasets:
  visits:
    time: snapshot
    request: { path: /visits, records: '' }
    contract:
      schema:
        type: object
        required: [id]
        properties:
          id: { type: integer, minimum: 1, maximum: 99, x-pii: none }
          at: { type: string, format: date, x-pii: none }
          order: { type: integer, minimum: 1, maximum: 99, x-pii: none }
    landing:
      id: { from: id, treat: keep }
      at: { from: at, treat: keep }
      order: { from: order, treat: keep }
`;
const MODEL = `-- description: Visits.
-- materialize: latest
select id, "at" as day, v.order as place, _ingest_date, _slot from bronze.visits as v
`;

it('columns with the names of words of SQL are warned of, and can be used', async () => {
  const project = await makeProject({
    'pipelines/shop.yaml': PAGE,
    'sql/shop/silver/last_visits.sql': MODEL,
  });
  const warned: [string, LogFields | undefined][] = [];
  const ignore = () => undefined;
  const log = {
    info: ignore,
    debug: ignore,
    warn: (event: string, fields?: LogFields) => warned.push([event, fields]),
    reported: ignore,
    setRun: ignore,
  };
  await checkSql(await project.open({ log }), 'shop');
  expect(warned).toEqual([
    ['column_is_a_word_of_sql', { dataset: 'visits', column: 'at' }],
    ['column_is_a_word_of_sql', { dataset: 'visits', column: 'order' }],
  ]);
});
