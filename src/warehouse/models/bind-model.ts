import type { DuckDBConnection } from '@duckdb/node-api';
import { failure } from '../../base/errors.js';
import { nameSqlFailure } from '../sql/run-sql.js';
import { findUnsteadySum } from '../sql/unstable-sum.js';
import type { Model } from './model.js';

/**
 * Judges a model by its columns and types, which are known when what it reads is there; runs nothing.
 * @throws E_MODEL if the SELECT does not bind, lacks a column that its materialization needs, or sums up DOUBLE
 */
export async function bindModel(connection: DuckDBConnection, model: Model): Promise<void> {
  const columns = await readColumnNames(connection, model);
  const missing = model.planner.needs.find((name) => !columns.includes(name));
  if (missing !== undefined) {
    throw refuse(
      model,
      `the SELECT has no column ${missing}, which its materialization needs`,
      missing.startsWith('_') ? `add ${missing} from bronze; it stays out of the table` : `add ${missing}`,
    );
  }
  const sum = await findUnsteadySum(connection, model.sql);
  if (sum !== null) {
    throw refuse(
      model,
      `\`${sum}\` of DOUBLE gives another last digit at each run`,
      `round it, as in \`round(${sum}(…), 2)\`, or add up a decimal or a whole number`,
    );
  }
}

async function readColumnNames(connection: DuckDBConnection, { name, file, sql }: Model): Promise<string[]> {
  try {
    const prepared = await connection.prepare(sql);
    const names = Array.from({ length: prepared.columnCount }, (_, index) => prepared.columnName(index));
    prepared.destroySync();
    return names;
  } catch (error) {
    throw nameSqlFailure(error, name, file, { model: name, file, stage: 'transform' });
  }
}

function refuse({ name, file }: Model, problem: string, fix: string) {
  return failure(
    'E_MODEL',
    { problem: `${name}: ${problem}`, fix },
    { file, model: name, stage: 'transform' },
  );
}
