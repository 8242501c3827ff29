import { failure } from '../../base/errors.js';
import { isObject } from '../../base/json-values.js';
import type { Model } from '../models/model.js';
import { foldName, readList, readName } from '../sql/syntax-tree.js';
import type { LineageInstance } from './lineage-room.js';
import type { BoundModel } from './trace-lineage.js';

/**
 * The column of an `incremental` model must be the unchanged landing date of its rows. With any other column, a date that
 * lands again would leave rows behind or lose some, and the table would depend on the order of the builds.
 * @throws E_MODEL
 */
export async function assertDated(instance: LineageInstance, bound: readonly BoundModel[]): Promise<void> {
  const dates = new Set<string>();
  for (const { model, select } of bound) {
    const [name] = model.planner.needs;
    if (!model.materialization.isDated || name === undefined) continue;
    const place = select.columns.findIndex((one) => foldName(one.name) === name);
    // A missing column is reported when the model is bound to the tables.
    if (place < 0) continue;
    const read = await instance.scan(select, [place]);
    const rows = await instance.scan(select, []);
    const isDate = (column: string) => column.endsWith('._ingest_date') || dates.has(column);
    const isMadeOfDates = read.columns
      .filter((column) => !rows.columns.includes(column))
      .every((column) => isDate(column));
    const isLandingDate = isMadeOfDates && read.columns.some(isDate) && read.unknown.length === 0;
    if (!isLandingDate || !isPlain(model.statement, name)) throw notDated(model, name);
    dates.add(`${model.name}.${name}`);
  }
}

/**
 * Whether every column of that name is a plain column reference and not an expression, also in CTEs and subqueries and
 * under each alias. A plan alone does not distinguish a column that selects rows from a column in the output.
 */
export function isPlain(statement: unknown, name: string): boolean {
  const items = listItems(statement);
  const names = new Set([name]);
  for (const known of names) {
    for (const item of items.filter((one) => nameOf(one) === known)) {
      if (item['class'] !== 'COLUMN_REF') return false;
      names.add(readList(item, 'column_names').at(-1) ?? '');
    }
  }
  return true;
}

/** An output column of a SELECT, in the syntax tree. */
export type Item = Readonly<Record<string, unknown>>;

/** The output columns of all SELECTs of a statement, at any depth. */
export function listItems(node: unknown): Item[] {
  if (Array.isArray(node)) return node.flatMap(listItems);
  if (!isObject(node)) return [];
  const { select_list: items, ...more } = node;
  const own = Array.isArray(items) ? items.filter(isObject) : [];
  return [...own, ...listItems(items), ...Object.values(more).flatMap(listItems)];
}

/** The name of an output column, in lower case. */
export function nameOf(item: Item): string {
  return readName(item, 'alias') || (readList(item, 'column_names').at(-1) ?? '');
}

function notDated({ name, file, pipeline }: Model, column: string) {
  return failure(
    'E_MODEL',
    {
      problem: `${name}: ${column} is not the landing date of its rows`,
      fix: `select \`_ingest_date\` of bronze, or the date of an incremental model, as ${column}; or say \`-- materialize: table\``,
    },
    { pipeline, file, model: name, stage: 'transform' },
  );
}
