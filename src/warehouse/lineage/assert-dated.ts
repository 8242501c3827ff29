import { failure } from '../../base/errors.js';
import { isObject } from '../../base/json-values.js';
import type { Model } from '../models/model.js';
import { foldName, readList, readName } from '../sql/syntax-tree.js';
import type { LineageRoom } from './lineage-room.js';
import type { BoundModel } from './trace-lineage.js';

/**
 * The column of an `incremental` model must be the date on which its rows landed, as it is: by any other column a date
 * that lands anew would leave rows behind, or lose some, and the table would depend on the order of the builds.
 * @throws E_MODEL
 */
export async function assertDated(room: LineageRoom, bound: readonly BoundModel[]): Promise<void> {
  const dates = new Set<string>();
  for (const { model, select } of bound) {
    const [name] = model.planner.needs;
    if (!model.materialization.isDated || name === undefined) continue;
    const place = select.columns.findIndex((one) => foldName(one.name) === name);
    // A column that is not there is told when the model is bound to the tables that there are.
    if (place < 0) continue;
    const read = await room.scan(select, [place]);
    const rows = await room.scan(select, []);
    const isDate = (column: string) => column.endsWith('._ingest_date') || dates.has(column);
    const isMadeOfDates = read.columns
      .filter((column) => !rows.columns.includes(column))
      .every((column) => isDate(column));
    const isLandingDate = isMadeOfDates && read.columns.some(isDate) && read.unknown.length === 0;
    if (!isLandingDate || !isPlain(model.statement, name)) throw refuse(model, name);
    dates.add(`${model.name}.${name}`);
  }
}

/**
 * Whether all columns of a name are columns that are read, and nothing made of one: those of CTEs and subqueries too,
 * under each name that they have on the way. A plan alone cannot tell a column that decides rows from what is shown.
 */
function isPlain(statement: unknown, name: string): boolean {
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

type Item = Readonly<Record<string, unknown>>;

/** What the SELECTs of a statement give, in whatever depth. */
function listItems(node: unknown): Item[] {
  if (Array.isArray(node)) return node.flatMap(listItems);
  if (!isObject(node)) return [];
  const { select_list: items, ...more } = node;
  const own = Array.isArray(items) ? items.filter(isObject) : [];
  return [...own, ...listItems(items), ...Object.values(more).flatMap(listItems)];
}

function nameOf(item: Item): string {
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
