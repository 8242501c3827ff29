import type { DuckDBConnection } from '@duckdb/node-api';
import { failure, tryEach } from '../../base/errors.js';
import { DELETED } from '../../base/names.js';
import { nameSqlFailure } from '../sql/run-sql.js';
import { foldName } from '../sql/syntax-tree.js';
import { findUnsteadySum } from '../sql/unstable-sum.js';
import type { Model } from './model.js';

/**
 * Validates the columns and types of a model, once its inputs exist, and returns the names of the columns. Runs nothing.
 * @throws E_MODEL if the SELECT does not bind, lacks a column that its materialization needs, or sums DOUBLE
 */
export async function bindModel(connection: DuckDBConnection, model: Model): Promise<readonly string[]> {
  const columns = await readColumnNames(connection, model);
  await assertColumns(model, columns);
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

/**
 * @param columns names as the SELECT gives them
 * @throws E_MODEL for each column that the materialization needs and the SELECT lacks, and for two names that are one
 */
export async function assertColumns(model: Model, columns: readonly string[]): Promise<void> {
  const folded = columns.map(foldName);
  const isMissing = (name: string) => !folded.includes(name);
  const twice = columns.filter((name, place) => folded.indexOf(foldName(name)) < place);
  await tryEach([...model.planner.needs.filter(isMissing).map(missing), ...twice.map(again)], (problem) => {
    throw problem(model);
  });
}

const missing = (name: string) => (model: Model) =>
  modelError(
    model,
    `the SELECT has no column ${name}, which its materialization requires`,
    name === DELETED
      ? `add ${DELETED} from bronze, since deleted rows are left out; to keep them, write \`false as ${DELETED}\``
      : name.startsWith('_')
        ? `add ${name} from bronze; it is not stored in the table`
        : `add ${name}`,
    model.line,
  );

const again = (name: string) => (model: Model) =>
  modelError(
    model,
    `the SELECT has several columns ${foldName(name)}: DuckDB does not distinguish capitals in names`,
    `give ${name} another alias`,
  );

/** The names of a SELECT's columns, as it gives them; nothing runs. @throws E_MODEL */
export async function readColumnNames(
  connection: DuckDBConnection,
  { name, file, sql }: Model,
): Promise<string[]> {
  try {
    const prepared = await connection.prepare(sql);
    const names = Array.from({ length: prepared.columnCount }, (_, index) => prepared.columnName(index));
    prepared.destroySync();
    return names;
  } catch (error) {
    throw nameSqlFailure(error, name, file, { model: name, file, stage: 'transform' }, 0);
  }
}

function modelError({ name, file }: Model, problem: string, fix: string, line?: number) {
  const at = line === undefined ? {} : { line };
  return failure(
    'E_MODEL',
    { problem: `${name}: ${problem}`, fix },
    { file, ...at, model: name, stage: 'transform' },
  );
}
