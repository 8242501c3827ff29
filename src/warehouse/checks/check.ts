import { failure, tryEach } from '../../base/errors.js';
import { readSqlFiles } from '../../base/text/sql-file.js';
import { SEVERITIES, type Severity } from '../../base/types/dataset-check.js';
import { findRowFilter, type RowFilter } from './dated-check.js';
import type { WarehousePipeline } from '../landed-partition.js';
import { readExposes } from '../models/read-exposes.js';
import { findUnsafe, SAFE_SQL } from '../sql/functions.js';
import type { Inspect } from '../sql/inspect-sql.js';
import { describeOddName, findOddName } from '../sql/plain-names.js';
import type { SqlPlace } from '../sql/syntax-problem.js';

/** A SELECT in `sql/<pipeline>/checks` that must return no rows. */
export interface SqlCheck {
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  readonly severity: Severity;
  readonly pipeline: string;
  /** Whether its result follows from the tables alone, not from the clock. */
  readonly isDeterministic: boolean;
  /** Where it judges each row of one table for itself; null for any other. */
  readonly rowFilter: RowFilter | null;
  /** Why the number of its rows may depend on a raw-only column: reasons by landed column. */
  readonly exposes: ReadonlyMap<string, string>;
}

/** @throws E_MODEL with file and remedy */
export async function loadChecks(
  inspect: Inspect,
  { pipeline, sqlDir }: WarehousePipeline,
): Promise<SqlCheck[]> {
  const label = `sql/${pipeline}/checks`;
  const keys = ['description', 'severity', 'exposes'];
  const files = await readSqlFiles({ dir: `${sqlDir}/checks`, label, keys });
  return tryEach(files, async ({ name, file, sql, head, lines }) => {
    const severity = SEVERITIES.find((known) => known === head.get('severity'));
    if (severity === undefined) {
      const fix = 'write `-- severity: error` or `-- severity: warn`';
      throw checkError(file, 'the head has no valid severity', fix, {
        line: lines.get('severity') ?? 1,
      });
    }
    const inspection = await inspect(sql);
    if ('problem' in inspection && inspection.at.line !== undefined)
      throw checkError(file, inspection.problem, `correct ${file}`, inspection.at);
    if ('problem' in inspection || inspection.tableFunctions.length > 0) {
      const problem = 'a check must be a single SELECT on tables of the warehouse';
      throw checkError(file, problem, 'write one SELECT that returns the invalid rows');
    }
    const unsafe = findUnsafe(inspection);
    if (unsafe !== null) throw checkError(file, unsafe, SAFE_SQL);
    const odd = findOddName(inspection.statement, sql);
    if (odd !== null) throw checkError(file, describeOddName(odd), 'rename it');
    const exposes = readExposes(head.get('exposes'));
    if (exposes === null) {
      const fix = 'write one line `-- exposes: COLUMN because WHY` for each raw-only column';
      throw checkError(file, '`exposes` needs a column and a reason', fix, {
        line: lines.get('exposes') ?? 1,
      });
    }
    const isDeterministic = inspection.nonDeterministic.length === 0;
    const rowFilter = findRowFilter(sql, inspection);
    return { name, file, sql, severity, pipeline, isDeterministic, rowFilter, exposes };
  });
}

function checkError(file: string, problem: string, fix: string, at: SqlPlace = {}) {
  return failure('E_MODEL', { problem, fix }, { file, ...at });
}
