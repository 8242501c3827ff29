import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadModelTests } from '../../src/warehouse/checks/model-test.js';
import { runModelTest } from '../../src/warehouse/checks/run-model-test.js';
import type { BronzeDataset } from '../../src/warehouse/landed-partition.js';
import { loadWarehouseProject } from '../../src/warehouse/project.js';
import { describePipeline, landed, makeProject, type Project, writeSql } from './lake-fixture.js';

let project: Project;
beforeEach(async () => {
  project = await makeProject();
  for (const [name, sql] of Object.entries(MODELS)) await writeSql(project, `persons/${name}.sql`, sql);
});
afterEach(() => project.remove());

const SALES: BronzeDataset = {
  name: 'sales',
  time: 'snapshot',
  columns: [landed('id', 'VARCHAR'), landed('amount', 'DECIMAL(18,2)')],
  tokens: [],
  checks: [],
};
const COLUMNS = 'id, amount, _ingest_date, _slot, _position';
const MODELS = {
  'silver/latest': `-- description: x\n-- materialize: upsert on id\n-- deletes: keep\nselect ${COLUMNS} from bronze.sales`,
  'silver/known': `-- description: x\n-- materialize: history on id (amount)\n-- deletes: close\nselect ${COLUMNS} from bronze.sales`,
  'silver/current': `-- description: x\n-- materialize: upsert on id\n-- deletes: close\nselect ${COLUMNS} from bronze.sales`,
  'silver/newest': `-- description: x\n-- materialize: latest\nselect ${COLUMNS} from bronze.sales`,
  'gold/newest_ids': '-- description: x\n-- materialize: table\nselect id from bronze.sales_latest',
  'gold/total': '-- description: x\n-- materialize: table\nselect sum(amount) as total from silver.latest',
  'gold/ranked': '-- description: x\n-- materialize: view\nselect id from silver.latest order by amount desc',
};

async function runTest(model: string, yaml: string) {
  await writeSql(project, `persons/tests/${model}.yaml`, yaml);
  const pipeline = describePipeline(project, [SALES]);
  const { datasets, models } = await loadWarehouseProject([pipeline]);
  const [test] = await loadModelTests(pipeline, models);
  if (test === undefined) throw new Error('no test was read');
  const { passed, missing, unexpected } = await runModelTest(test, datasets, models);
  return { passed, missing, unexpected };
}

const PASSED = { passed: true, missing: [], unexpected: [] };
const BRONZE = `given:
  bronze.sales:
    - { id: a, amount: 1.5, _ingest_date: 2026-11-18 }
    - { id: b, amount: 3, _ingest_date: 2026-11-18 }
    - { id: a, amount: 2.25, _ingest_date: 2026-11-19 }
`;

describe('a test of a model', () => {
  it.each([
    ['latest', `${BRONZE}expect: [{ id: b, amount: 3 }, { id: a, amount: 2.25 }]`],
    [
      'known',
      `${BRONZE}expect:
  - { id: a, amount: 1.5, valid_from: 2026-11-18, valid_to: 2026-11-19 }
  - { id: a, amount: 2.25, valid_from: 2026-11-19, valid_to: null }
  - { id: b, amount: 3, valid_from: 2026-11-18, valid_to: 2026-11-19 }`,
    ],
    ['total', 'given: { silver.latest: [{ amount: 1.1 }, { amount: 2.2 }] }\nexpect: [{ total: 3.3 }]'],
    [
      'ranked',
      'given: { silver.latest: [{ id: a, amount: 1 }, { id: b, amount: 2 }] }\nexpect: [{ id: b }, { id: a }]',
    ],
  ])('passes where `%s` gives the rows that it expects', async (model, yaml) => {
    expect(await runTest(model, yaml)).toEqual(PASSED);
  });

  it('tells rows that are missing and rows that are too many, and counts copies', async () => {
    const result = await runTest('latest', `${BRONZE}expect: [{ id: b, amount: 3 }, { id: b, amount: 3 }]`);
    expect(result).toEqual({
      passed: false,
      missing: ['{"id":"b","amount":3.00}'],
      unexpected: ['{"id":"a","amount":2.25}'],
    });
  });

  it('holds a model that states an order to it', async () => {
    const given = 'given: { silver.latest: [{ id: a, amount: 1 }, { id: b, amount: 2 }] }';
    expect(await runTest('ranked', `${given}\nexpect: [{ id: a }, { id: b }]`)).toMatchObject({
      passed: false,
    });
  });

  it.each([
    ['given', 'given: { silver.latest: [{ amount: much }] }\nexpect: [{ total: null }]'],
    ['expected', 'given: { silver.latest: [{ id: a }] }\nexpect: [{ total: nothing }]'],
  ])(
    'does not take a value that is %s for null where it has another type than its column',
    async (_, yaml) => {
      await expect(runTest('total', yaml)).rejects.toMatchObject({
        code: 'E_SQL_RUN',
        where: { file: 'sql/persons/tests/total.yaml' },
      });
    },
  );

  it.each([
    ['nobody', BRONZE, /no model with this name/],
    ['latest', BRONZE, /the test is not valid/],
    ['latest', 'given: [', /the test is not valid/],
    ['latest', 'given: { silver.known: [] }\nexpect: [{ id: a }]', /does not read/],
    [
      'latest',
      'given: { bronze.sales: [{ x: 1 }] }\nexpect: [{ id: a }]',
      /column that bronze.sales does not have/,
    ],
    ['latest', `${BRONZE}expect: [{ x: 1 }]`, /column that silver.latest does not have/],
  ])('of `%s` is refused: %s', async (model, yaml, message) => {
    await expect(runTest(model, yaml)).rejects.toMatchObject({
      code: 'E_MODEL',
      message: expect.stringMatching(message) as string,
      where: { file: `sql/persons/tests/${model}.yaml` },
    });
  });
});
