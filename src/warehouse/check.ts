import type { DuckDBConnection } from '@duckdb/node-api';
import { readRows, toNumber } from '../duckdb.js';
import type { Log } from '../effects.js';
import { failure } from '../errors.js';
import { readSqlFiles } from '../sql-file.js';
import { inspectSelect } from './inspect-sql.js';
import type { WarehousePipeline } from './landed-partition.js';
import { nameSqlFailure } from './run-sql.js';

const SEVERITIES = ['error', 'warn'] as const;

/** A SELECT of `sql/<pipeline>/checks` that must return no rows. */
export interface Check {
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  readonly severity: (typeof SEVERITIES)[number];
}

/** @throws E_MODEL with file and remedy */
export async function loadChecks(
  connection: DuckDBConnection,
  { pipeline, sqlDir }: WarehousePipeline,
): Promise<Check[]> {
  const label = `sql/${pipeline}/checks`;
  const files = await readSqlFiles({ dir: `${sqlDir}/checks`, label, keys: ['description', 'severity'] });
  return Promise.all(
    files.map(async ({ name, file, sql, head }) => {
      const severity = SEVERITIES.find((known) => known === head.get('severity'));
      if (severity === undefined) {
        const fix = 'write `-- severity: error` or `-- severity: warn`';
        throw failure('E_MODEL', { problem: 'the head has no severity that is known', fix }, { file });
      }
      const inspection = await inspectSelect(connection, sql);
      if ('problem' in inspection || inspection.tableFunctions.length > 0) {
        const problem = 'a check is one SELECT on the tables of the warehouse';
        throw failure('E_MODEL', { problem, fix: 'return the rows that are wrong' }, { file });
      }
      return { name, file, sql, severity };
    }),
  );
}

/**
 * Runs the checks on the warehouse that is about to be published and keeps what they found in `ops.checks`.
 * @throws E_CHECK_FAILED for the first check of severity error that returns rows
 */
export async function runChecks(
  connection: DuckDBConnection,
  checks: readonly Check[],
  log: Log,
): Promise<void> {
  await connection.run(
    'create or replace table ops.checks ("check" varchar, severity varchar, "rows" bigint)',
  );
  for (const check of checks) {
    const rows = await countRows(connection, check);
    await connection.run('insert into ops.checks values ($name, $severity, $rows)', {
      name: check.name,
      severity: check.severity,
      rows: BigInt(rows),
    });
    if (rows === 0) continue;
    if (check.severity === 'error') {
      const where = { file: check.file, stage: 'transform' };
      throw failure('E_CHECK_FAILED', { check: check.name, count: rows }, where);
    }
    log.warn('check_found_rows', { check: check.name, count: rows });
  }
}

async function countRows(connection: DuckDBConnection, { name, file, sql }: Check): Promise<number> {
  try {
    const [row] = await readRows(connection, `select count(*) as found from (\n${sql}\n)`);
    return toNumber(row?.['found']);
  } catch (error) {
    throw nameSqlFailure(error, `check ${name}`, file, { file, stage: 'transform' });
  }
}
