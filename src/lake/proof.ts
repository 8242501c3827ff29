import type { DuckDBConnection } from '@duckdb/node-api';
import { addCustody, custodyQuery, findDifference, readCustody, subtractCustody } from '../base/custody.js';
import { quoteName, readRows, type Row, toNumber } from '../base/duckdb.js';
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
  const counts = countMisses(columns).join(', ');
  const [row] = await readRows(connection, `select ${counts} from ${relationOf(paths)}`);
  return readMisses(columns, row);
}

function countMisses(columns: readonly LandedColumn[]): string[] {
  return columns.map((column, i) => `count(*) filter (${missedPredicate(column)}) as "missed_${i}"`);
}

/** Whether a cell is not null and does not have the shape of its column, as an SQL expression. */
export function missedPredicate({ name, shape }: Pick<LandedColumn, 'name' | 'shape'>): string {
  return `${quoteName(name)} is not null and (${shape}) is not true`;
}

function readMisses(columns: readonly LandedColumn[], row: Row | undefined): ShapeMiss[] {
  return columns
    .map((column, i) => ({ column, cells: toNumber(row?.[`missed_${i}`]) }))
    .filter(({ cells }) => cells > 0);
}

/**
 * Proves staged files by one scan of them: their control totals equal those of the safe room, less the duplicates, and
 * every cell has its shape. @throws E_CUSTODY, else E_SHAPE naming the first column with other cells
 */
export async function assertProven(
  connection: DuckDBConnection,
  plan: LandingPlan,
  segments: readonly MaskedSegment[],
  duplicates: Losers,
  paths: readonly string[],
): Promise<void> {
  const { dataset, columns } = plan;
  const names = columns.map(({ name }) => name);
  const [row] = await readRows(connection, custodyQuery(names, relationOf(paths), countMisses(columns)));
  const custodies = segments.map(({ custody }) => custody);
  const expected = subtractCustody(names, addCustody(names, custodies), duplicates.custody);
  const column = findDifference(names, expected, readCustody(names, row));
  const where = { dataset, stage: 'land' };
  if (column !== null) throw failure('E_CUSTODY', { column, dataset }, where);
  const [miss] = readMisses(columns, row);
  if (miss === undefined) return;
  const { name, treatment } = miss.column;
  throw failure('E_SHAPE', { count: miss.cells, column: name, dataset, treatment }, where);
}
