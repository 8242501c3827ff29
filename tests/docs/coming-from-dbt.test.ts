import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DuckDBInstance } from '@duckdb/node-api';
import { readRows } from '../../src/base/duckdb.js';
import { type Captured, runCaptured } from '../commands/capture-output.js';

const TEXT = readFileSync(new URL('../../docs/coming-from-dbt.md', import.meta.url), 'utf8');
const FILES = [...TEXT.matchAll(/^```\w+ (\S+\/\S+)\n(.*?)^```$/gms)];
const [, ROWS = ''] = /^```text rows\n(.*?)^```$/ms.exec(TEXT) ?? [];

let dir: string;
beforeAll(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'lakeveil-dbt-')));
  process.env['XDG_CONFIG_HOME'] = join(dir, 'config');
  for (const [, name = '', text = ''] of FILES) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
});
afterAll(() => {
  Reflect.deleteProperty(process.env, 'XDG_CONFIG_HOME');
  rmSync(dir, { recursive: true, force: true });
});

const pipeline = (...argv: string[]): Promise<Captured> => runCaptured([...argv, '--project', dir]);

it('the five models of jaffle_shop are built, and give the same on a second day', async () => {
  expect(FILES.filter(([, name = '']) => name.endsWith('.sql'))).toHaveLength(5);
  for (const date of ['2026-11-19', '2026-11-20']) {
    const ran = await pipeline('run', 'jaffle_shop', '--date', date, '--as-of-now', '--json');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ exit: 0 });
    expect(await readTables()).toEqual(ROWS.trim().split('\n'));
  }
});

/** The rows of the page, with the columns that it shows. */
async function readTables(): Promise<string[]> {
  const instance = await DuckDBInstance.create(join(dir, 'db', 'lake.duckdb'), { access_mode: 'READ_ONLY' });
  try {
    const connection = await instance.connect();
    const rows: string[] = [];
    for (const [table, columns] of [
      ['gold.customers', 'number_of_orders, customer_lifetime_value'],
      ['gold.orders', 'status, credit_card_amount, gift_card_amount, amount'],
    ] as const) {
      const sql = `select to_json(t)::varchar as line from (select ${columns} from ${table}) as t order by line`;
      rows.push(...(await readRows(connection, sql)).map(({ line }) => `${table} ${String(line)}`));
    }
    return rows;
  } finally {
    instance.closeSync();
  }
}
