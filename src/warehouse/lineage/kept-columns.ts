import type { Model } from '../models/model.js';
import { isStateful } from '../models/trace-model.js';
import { foldName } from '../sql/syntax-tree.js';
import type { BoundSelect } from './model-lineage.js';

/** A column of the table that a SELECT becomes. */
export interface KeptColumn {
  readonly name: string;
  /** Columns of the SELECT that it follows from, by place: its own first, unless it is added. */
  readonly from: readonly number[];
  readonly isAdded: boolean;
}

/** Columns of a table, and of the SELECT what decides which rows it keeps, by place. */
export interface KeptTable {
  readonly columns: readonly KeptColumn[];
  readonly needs: readonly number[];
}

/** What a model keeps of its SELECT: some columns stay out, some are added, and one that isStateful chooses by its keys. */
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

/** What a report shows of its SELECT: all of it. */
export function keepAll({ columns }: BoundSelect): KeptTable {
  return { columns: columns.map(({ name }, place) => ({ name, from: [place], isAdded: false })), needs: [] };
}

function has(names: readonly string[], name: string): boolean {
  return names.includes(foldName(name));
}
