import type { DuckDBConnection } from '@duckdb/node-api';
import { failure } from '../../base/errors.js';
import { DELETED } from '../../base/names.js';
import { nameSqlFailure } from '../sql/run-sql.js';
import { findUnsteadySum } from '../sql/unstable-sum.js';
import type { Model } from './model.js';

/**
 * Validates the columns and types of a model, once its inputs exist, and returns the names of the columns. Runs nothing.
 * @throws E_MODEL if the SELECT does not bind, lacks a column that its materialization needs, or sums DOUBLE
 */
export async function bindModel(connection: DuckDBConnection, model: Model): Promise<readonly string[]> {
  const columns = await readColumnNames(connection, model);
  const missing = model.planner.needs.find((name) => !columns.includes(name));
  if (missing !== undefined) {
    throw modelError(
      model,
      `the SELECT has no column ${missing}, which its materialization requires`,
      missing === DELETED
        ? `add ${DELETED} from bronze, since deleted rows are left out; to keep them, write \`false as ${DELETED}\``
        : missing.startsWith('_')
          ? `add ${missing} from bronze; it is not stored in the table`
          : `add ${missing}`,
    );
  }
  const sum = await findUnsteadySum(connection, model.sql);
  if (sum !== null) {
    throw modelError(
      model,
      `\`${sum}\` of DOUBLE is non-deterministic: the last digit can differ between runs`,
      `round it, as in \`round(${sum}(…), 2)\`, or use a decimal or an integer`,
    );
  }
  return columns;
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

function modelError({ name, file }: Model, problem: string, fix: string) {
  return failure(
    'E_MODEL',
    { problem: `${name}: ${problem}`, fix },
    { file, model: name, stage: 'transform' },
  );
}
