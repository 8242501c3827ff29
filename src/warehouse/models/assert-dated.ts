import { failure } from '../../base/errors.js';
import { isObject } from '../../base/types/json-values.js';
import type { ModelLineage } from '../lineage/model-lineage.js';
import { readList, readName } from '../sql/syntax-tree.js';
import type { Model } from './model.js';

/**
 * The column of an `incremental` model must be the date on which its rows landed, as it is: by any other column a date
 * that lands anew would leave rows behind, or lose some, and the table would depend on the order of the builds.
 * @param models those of the lineages, in their order
 * @throws E_MODEL
 */
export function assertDated(models: readonly Model[], lineages: readonly ModelLineage[]): void {
  const dates = new Set<string>();
  for (const [index, model] of models.entries()) {
    const [name] = model.planner.needs;
    if (!model.materialization.isDated || name === undefined) continue;
    const column = lineages[index]?.columns.find((one) => one.name === name);
    // A column that is not there is told when the model is bound.
    if (column === undefined) continue;
    const isLandingDate =
      column.reads.length > 0 &&
      column.reads.every((read) => read.endsWith('._ingest_date') || dates.has(read)) &&
      column.unresolved.length + column.unknown.length === 0;
    if (!isLandingDate || !isPlain(model.statement, name)) throw refuse(model, name);
    dates.add(`${model.name}.${name}`);
  }
}

/** Whether a column of the outermost SELECT is a column that it reads, and nothing made of one. */
function isPlain(statement: unknown, name: string): boolean {
  const query = isObject(statement) ? statement['node'] : null;
  const items = isObject(query) ? query['select_list'] : null;
  if (!Array.isArray(items)) return true;
  const item: unknown = items.find((one) => isObject(one) && nameOf(one) === name);
  return !isObject(item) || item['class'] === 'COLUMN_REF';
}

function nameOf(item: Readonly<Record<string, unknown>>): string {
  return readName(item, 'alias') || (readList(item, 'column_names').at(-1) ?? '');
}

function refuse({ name, file, pipeline }: Model, column: string) {
  return failure(
    'E_MODEL',
    {
      problem: `${name}: ${column} is not the date on which its rows landed`,
      fix: `select \`_ingest_date\` of bronze, or the date of an incremental model, as ${column}; or say \`-- materialize: table\``,
    },
    { pipeline, file, model: name, stage: 'transform' },
  );
}
