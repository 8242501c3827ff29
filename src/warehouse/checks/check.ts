import type { DuckDBConnection } from '@duckdb/node-api';
import { failure } from '../../base/errors.js';
import { readSqlFiles } from '../../base/text/sql-file.js';
import { SEVERITIES, type Severity } from '../../base/types/dataset-check.js';
import type { WarehousePipeline } from '../landed-partition.js';
import { readExposes } from '../models/read-exposes.js';
import { findUnsafe } from '../sql/functions.js';
import { inspectSelect } from '../sql/inspect-sql.js';
import { describeOddName, findOddName } from '../sql/plain-names.js';

/** A SELECT in `sql/<pipeline>/checks` that must return no rows. */
export interface SqlCheck {
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  readonly severity: Severity;
  readonly pipeline: string;
  /** Why the number of its rows may depend on a raw-only column: reasons by landed column. */
  readonly exposes: ReadonlyMap<string, string>;
}

/** @throws E_MODEL with file and remedy */
export async function loadChecks(
  connection: DuckDBConnection,
  { pipeline, sqlDir }: WarehousePipeline,
): Promise<SqlCheck[]> {
  const label = `sql/${pipeline}/checks`;
  const files = await readSqlFiles({
    dir: `${sqlDir}/checks`,
    label,
    keys: ['description', 'severity', 'exposes'],
  });
  return Promise.all(
    files.map(async ({ name, file, sql, head }) => {
      const severity = SEVERITIES.find((known) => known === head.get('severity'));
      if (severity === undefined) {
        const fix = 'write `-- severity: error` or `-- severity: warn`';
        throw failure('E_MODEL', { problem: 'the head has no valid severity', fix }, { file });
      }
      const inspection = await inspectSelect(connection, sql);
      if ('problem' in inspection || inspection.tableFunctions.length > 0) {
        const problem = 'a check must be a single SELECT on tables of the warehouse';
        throw failure(
          'E_MODEL',
          { problem, fix: 'write one SELECT that returns the invalid rows' },
          { file },
        );
      }
      const unsafe = findUnsafe(inspection);
      if (unsafe !== null) {
        const fix = 'write it with a function of that list, or with columns';
        throw failure('E_MODEL', { problem: unsafe, fix }, { file });
      }
      const odd = findOddName(inspection.statement, sql);
      if (odd !== null)
        throw failure('E_MODEL', { problem: describeOddName(odd), fix: 'rename it' }, { file });
      const exposes = readExposes(head.get('exposes'));
      if (exposes === null) {
        const fix = 'write one line `-- exposes: COLUMN because WHY` for each raw-only column';
        throw failure('E_MODEL', { problem: '`exposes` needs a column and a reason', fix }, { file });
      }
      return { name, file, sql, severity, pipeline, exposes };
    }),
  );
}
