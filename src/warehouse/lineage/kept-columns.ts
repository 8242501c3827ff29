import type { Model } from '../models/model.js';
import { isStateful } from '../models/trace-model.js';
import { foldName } from '../sql/syntax-tree.js';
import type { BoundSelect } from './model-lineage.js';

/** A column of the table that a SELECT is materialized to. */
export interface KeptColumn {
  readonly name: string;
  /** Positions of the SELECT columns that it derives from: its own first, unless it is added. */
  readonly from: readonly number[];
  readonly isAdded: boolean;
}

/** Columns of a table, and the positions of the SELECT columns that determine which rows it keeps. */
export interface KeptTable {
  readonly columns: readonly KeptColumn[];
  readonly needs: readonly number[];
}

/** The columns that a model keeps of its SELECT: some are left out, some are added, and a stateful model selects rows by its keys. */
export function listKept(
  { planner, materialization }: Pick<Model, 'planner' | 'materialization'>,
  columns: BoundSelect['columns'],
): KeptTable {
  const places = (wanted: readonly string[]) =>
    columns.flatMap(({ name }, place) => (has(wanted, name) ? [place] : []));
  const needs = places(planner.needs);
  const chosen = isStateful({ materialization }) ? needs : [];
  const own = columns.flatMap(({ name }, place) =>
    has(planner.hides, name) ? [] : [{ name, from: [place, ...chosen], isAdded: false }],
  );
  const added = [...planner.adds].map(([name, from]) => ({
    name,
    from: [...places(from), ...chosen],
    isAdded: true,
  }));
  return { columns: [...own, ...added], needs };
}

/** A report keeps all columns of its SELECT. */
export function keepAll({ columns }: BoundSelect): KeptTable {
  return { columns: columns.map(({ name }, place) => ({ name, from: [place], isAdded: false })), needs: [] };
}

function has(names: readonly string[], name: string): boolean {
  return names.includes(foldName(name));
}
