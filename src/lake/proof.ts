import type { DuckDBConnection } from '@duckdb/node-api';
import { addCustody, custodyQuery, findDifference, readCustody, subtractCustody } from '../base/custody.js';
import { quoteName, readRows, toNumber } from '../base/duckdb.js';
import { failure } from '../base/errors.js';
import type { MaskedSegment } from '../base/types/record.js';
import type { Losers } from './duplicates.js';
import { type LandedColumn, type LandingPlan, relationOf } from './landing-plan.js';

/** A column with cells that do not match their shape. */
export interface ShapeMiss {
  readonly column: LandedColumn;
  readonly cells: number;
}

/** Counts, per column, cells that are not null and do not have their shape. Reads each file once. */
export async function findShapeMisses(
  connection: DuckDBConnection,
  columns: readonly LandedColumn[],
  paths: readonly string[],
): Promise<ShapeMiss[]> {
  const counts = columns.map(
    ({ name, shape }, i) =>
      `count(*) filter (${quoteName(name)} is not null and (${shape}) is not true) as "missed_${i}"`,
  );
  const [row] = await readRows(connection, `select ${counts.join(', ')} from ${relationOf(paths)}`);
  return columns
    .map((column, i) => ({ column, cells: toNumber(row?.[`missed_${i}`]) }))
    .filter(({ cells }) => cells > 0);
}

/** @throws E_SHAPE naming the first column with such cells */
export async function assertShapes(
  connection: DuckDBConnection,
  plan: LandingPlan,
  paths: readonly string[],
): Promise<void> {
  const [miss] = await findShapeMisses(connection, plan.columns, paths);
  if (miss === undefined) return;
  const { name, treatment } = miss.column;
  const { dataset } = plan;
  throw failure(
    'E_SHAPE',
    { count: miss.cells, column: name, dataset, treatment },
    { dataset, stage: 'land' },
  );
}

/** Asserts that the control totals of the staged files equal those of the safe room, minus duplicates. @throws E_CUSTODY */
export async function assertCustody(
  connection: DuckDBConnection,
  plan: LandingPlan,
  segments: readonly MaskedSegment[],
  duplicates: Losers,
  paths: readonly string[],
): Promise<void> {
  const names = plan.columns.map(({ name }) => name);
  const written = addCustody(
    names,
    segments.map(({ custody }) => custody),
  );
  const [row] = await readRows(connection, custodyQuery(names, relationOf(paths)));
  const column = findDifference(
    names,
    subtractCustody(names, written, duplicates.custody),
    readCustody(names, row),
  );
  const { dataset } = plan;
  if (column !== null) throw failure('E_CUSTODY', { column, dataset }, { dataset, stage: 'land' });
}
