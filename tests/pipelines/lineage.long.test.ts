import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lineage, PublishedColumn } from '../../src/actions/models/describe-lineage.js';
import { findRefused, findReports } from '../../src/actions/transform/check-sql.js';
import { loadConfig } from '../../src/base/config/config.js';
import { openProject } from '../../src/project.js';
import { makeEffects } from '../source/harness.js';
import { makeShippedProject, type ShippedProject } from './shipped-project.js';

const ROOT = join(import.meta.dirname, '..', '..');
const NAMES = readdirSync(join(ROOT, 'pipelines'))
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace(/\.yaml$/, ''));

let project: ShippedProject;
/** Columns of the tables that are built, by model. */
let built: ReadonlyMap<string, readonly string[]>;
beforeAll(async () => {
  project = makeShippedProject(['pipelines', 'sql']);
  await project.ask('init-db');
  const rows = await project.query(
    `select table_schema || '.' || table_name as model, column_name as name from information_schema.columns
     where table_schema in ('silver', 'gold') order by model, ordinal_position`,
  );
  const columns = new Map<string, string[]>();
  for (const { model, name } of rows)
    columns.set(String(model), [...(columns.get(String(model)) ?? []), String(name)]);
  built = columns;
});
afterAll(() => {
  project.remove();
});

async function ask(pipeline: string): Promise<Lineage> {
  return (await project.ask('models', pipeline, '--lineage')) as Lineage;
}

function columnOf({ models }: Lineage, model: string, column: string): PublishedColumn | undefined {
  return models.find((known) => known.model === model)?.columns.find((known) => known.column === column);
}

it.each(NAMES)('the reports of %s show nothing that they may not', async (pipeline) => {
  const environment = { TOKEN_KEY: Buffer.alloc(32, 7).toString('base64'), TOKEN_KEY_ID: 'k1' };
  const config = loadConfig({ project: ROOT, environment });
  const opened = await openProject({ config, effects: makeEffects({}) }, pipeline);
  const { reports } = await findReports(opened, pipeline);
  expect(reports.length).toBeGreaterThan(0);
  const { rejected, cells } = await findRefused(opened, reports);
  expect(rejected).toEqual(new Map());
  for (const { name, people } of reports)
    expect([name, cells.get(name)?.minCell ?? null]).toEqual([name, people === null ? null : 5]);
});

describe.each(NAMES)('the lineage of %s', (pipeline) => {
  it('is that of each column that is built, and of no other', async () => {
    const { models } = await ask(pipeline);
    expect(models.length).toBeGreaterThan(0);
    for (const { model, columns } of models)
      expect([model, columns.map(({ column }) => column).toSorted()]).toEqual([
        model,
        built.get(model)?.toSorted(),
      ]);
  });

  it('is whole: each name is resolved, each part of SQL known, each way ends in what has landed', async () => {
    const { models } = await ask(pipeline);
    for (const { model, columns, indirect } of models) {
      const loose = columns.filter(({ unresolved, unknown }) => unresolved.length + unknown.length > 0);
      expect([model, loose]).toEqual([model, []]);
      const blind = columns.filter(({ reads, from }) => reads.length > 0 && from.length === 0);
      // Made of a count, or of a constant, of the table before.
      const isOfNothing = ({ reads }: PublishedColumn): boolean =>
        reads.every((read) => {
          const [schema = '', table = '', ...column] = read.split('.');
          const known = models.find((other) => other.model === `${schema}.${table}`);
          return known?.columns.find((one) => one.column === column.join('.'))?.from.length === 0;
        });
      expect([model, blind.filter((column) => !isOfNothing(column))]).toEqual([model, []]);
      expect(indirect.length).toBeGreaterThan(0);
    }
  });
});

describe('the lineage of what is shipped', () => {
  it('goes back from ages to birthdays, which are raw only', async () => {
    expect(columnOf(await ask('persons'), 'silver.persons_anonymized', 'age_group')).toEqual({
      column: 'age_group',
      class: 'quasi',
      reads: ['bronze.persons._ingest_date', 'bronze.persons.birthday'],
      from: [
        { landed: 'persons._ingest_date', class: 'none', treatment: null, raw_only: false },
        { landed: 'persons.birthday', class: 'quasi', treatment: 'keep', raw_only: true },
      ],
      unresolved: [],
      unknown: [],
      exposes: 'a ten-year group does not reveal a birthday, and the reports count by it',
    });
  });

  it('goes back from revenue in euros through two tables of silver, of three datasets', async () => {
    const revenue = columnOf(await ask('store'), 'gold.sales_trend', 'revenue_eur');
    expect(revenue?.reads).toContain('silver.sales.revenue_eur');
    expect(revenue?.from.map(({ landed }) => landed)).toEqual(
      expect.arrayContaining(['store_cart_items.quantity', 'store_products.price', 'store_rates.rate']),
    );
    // Sales are joined and grouped by the day of the order, which counts as well.
    expect(revenue?.from.map(({ landed }) => landed)).toContain('store_carts.ordered_at');
    expect(revenue?.class).toBe('quasi');
  });

  it('tells the strictest class: a kind of company is of a name, a region of both degrees, a count of tokens', async () => {
    const directory = await ask('directory');
    const told = (column: string, of: string) => {
      const found = columnOf(directory, `gold.directory_${of}`, column);
      return [
        found?.class,
        ...(found?.from ?? []).map(({ landed, treatment }) => `${landed} ${String(treatment)}`),
      ];
    };
    const day = 'directory_users._ingest_date null';
    const degrees = ['directory_users.latitude sql', 'directory_users.longitude sql'];
    expect(told('company_class', 'companies')).toEqual([
      ...['direct', day, 'directory_users.company_class sql', 'directory_users.email mask_email'],
    ]);
    expect(told('region', 'regions')).toEqual(['quasi', day, ...degrees]);
    // A count of people is made of their tokens, and of what they are grouped by.
    expect(told('people', 'regions')).toEqual([
      'direct',
      day,
      ...degrees,
      'directory_users.person_token token',
    ]);
  });
});
