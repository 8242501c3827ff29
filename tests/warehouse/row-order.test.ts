import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openReader, queryWarehouse } from '../../src/warehouse/published/open-reader.js';
import {
  describePipeline,
  landedPerson,
  landRows,
  makeProject,
  PERSON_COLUMNS,
  type Project,
  readPublished,
  transform,
  writeSql,
} from './lake-fixture.js';

const PEOPLE = 300;
const DATES = ['2026-11-18', '2026-11-19'];

let project: Project;
beforeEach(async () => {
  project = await makeProject();
});
afterEach(() => project.remove());

const SELECT = 'person_token, latitude::integer as n';
const AUDIT = '_ingest_date, _slot, _position';
const MODELS: Readonly<Record<string, string>> = {
  table: `-- materialize: table\nselect ${SELECT} from bronze.persons where _ingest_date = date '2026-11-18'`,
  incremental: `-- materialize: incremental by day\nselect ${SELECT}, _ingest_date as day from bronze.persons`,
  upsert: `-- materialize: upsert on person_token\n-- deletes: keep\nselect ${SELECT}, ${AUDIT} from bronze.persons`,
  history: `-- materialize: history on person_token (n)\n-- deletes: close\nselect ${SELECT}, ${AUDIT} from bronze.persons`,
  anonymous: `-- materialize: table\nselect latitude::integer as n from bronze.persons_latest`,
  from_anonymous: `-- materialize: table\nselect n from silver.anonymous`,
};

/** Person n is record n of the answer. */
async function build(): Promise<void> {
  const rows = Array.from({ length: PEOPLE }, (_, n) => landedPerson(n + 1, { latitude: n }));
  const partitions = [];
  for (const date of DATES) partitions.push(await landRows(project, date, rows));
  for (const [name, sql] of Object.entries(MODELS))
    await writeSql(project, `persons/silver/${name}.sql`, `-- description: d\n${sql}`);
  const datasets = [
    { name: 'persons', time: 'snapshot' as const, columns: PERSON_COLUMNS, tokens: [], checks: [] },
  ];
  const pipelines = [describePipeline(project, datasets)];
  await transform(project, { partitions: partitions.slice(0, 1), pipelines });
  await transform(project, { partitions, pipelines });
}

async function readOrder(sql: string): Promise<number[]> {
  return (await readPublished(project, sql)).map(([n]) => Number(n));
}

/** Of two orders of the same numbers, from -1 to 1. */
function correlate(one: readonly number[], two: readonly number[]): number {
  const places = new Map(two.map((n, place) => [n, place]));
  const middle = (one.length - 1) / 2;
  const sum = one.reduce((total, n, place) => total + (place - middle) * ((places.get(n) ?? 0) - middle), 0);
  return sum / ((one.length * (one.length ** 2 - 1)) / 12);
}

describe('rows about people', () => {
  it('are stored in an order that is neither that of the source nor that of another table', async () => {
    await build();
    const orders = new Map<string, number[]>();
    for (const name of Object.keys(MODELS)) {
      const first =
        await readOrder(`select n from (select n, row_number() over () as place from silver.${name})
        group by n order by min(place)`);
      orders.set(name, first);
    }
    const source = Array.from({ length: PEOPLE }, (_, n) => n);
    for (const [name, order] of orders) {
      expect([name, order.toSorted((a, b) => a - b)]).toEqual([name, source]);
      expect(Math.abs(correlate(order, source)), name).toBeLessThan(0.25);
    }
    const names = [...orders.keys()];
    for (const [place, one] of names.entries())
      for (const two of names.slice(place + 1))
        expect(
          Math.abs(correlate(orders.get(one) ?? [], orders.get(two) ?? [])),
          `${one} ${two}`,
        ).toBeLessThan(0.25);
  });

  it('are the same order when all is built again', async () => {
    await build();
    const before = await readOrder('select n from silver.incremental');
    await build();
    expect(await readOrder('select n from silver.incremental')).toEqual(before);
  });

  it('are read in an order of their own without `order by`, and as stated with one', async () => {
    await build();
    const reader = await openReader({ ...project, openZones: [], writeDir: null });
    const ask = async (sql: string) => (await queryWarehouse(reader, sql)).rows.map(([n]) => Number(n));
    const stored = await readOrder('select n from silver.upsert');
    const found = await ask('select n from silver.upsert');
    expect(Math.abs(correlate(found, stored))).toBeLessThan(0.25);
    expect(await ask('select n from silver.upsert')).toEqual(found);
    expect(await ask('select n from silver.upsert order by n limit 3')).toEqual([0, 1, 2]);
    reader.close();
  });
});
