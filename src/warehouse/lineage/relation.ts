import { NOTHING, sizeOf, type Sources, uniteSources } from './sources.js';

export interface Column {
  /** In lower case; '' where the statement gives none. */
  readonly name: string;
  readonly sources: Sources;
}

/** A table, a query, or anything else that has columns and rows. */
export interface Relation {
  readonly columns: readonly Column[];
  /** What columns are made of that cannot be listed, as those of a PIVOT; null where all are listed. */
  readonly rest: Sources | null;
  /** What decides which rows there are: filters, joins, groups, limits. */
  readonly rows: Sources;
}

export const NO_TABLE: Relation = { columns: [], rest: null, rows: NOTHING };

/** A relation of which only is known what it may be made of. */
export function openRelation(rest: Sources, rows: Sources = NOTHING): Relation {
  return { columns: [], rest, rows };
}

/** What all columns together are made of. */
export function sourcesOfAll({ columns, rest }: Relation): Sources {
  return uniteSources([...columns.map(({ sources }) => sources), rest ?? NOTHING]);
}

/** What its columns of a name are made of; null if it has none. Those that cannot be listed are not asked. */
export function findColumn({ columns }: Relation, name: string): Sources | null {
  const found = columns.filter((column) => column.name === name);
  return found.length === 0 ? null : uniteSources(found.map(({ sources }) => sources));
}

/**
 * What those columns are made of that may bear a name which nobody gave them: DuckDB names one by the text of its
 * expression, and the second `p` is `p_1`, whatever comes after it. Null if there is none.
 */
export function sourcesOfMadeNames({ columns }: Relation): Sources | null {
  const given = columns.map(({ name }) => name).filter((name) => name !== '');
  const hasCopies = new Set(given).size < given.length;
  const made = hasCopies ? columns : columns.filter(({ name }) => name === '');
  return made.length === 0 ? null : uniteSources(made.map(({ sources }) => sources));
}

/** Other names for the first columns; where not all are listed, any of them may bear each of the names. */
export function renameColumns(relation: Relation, names: readonly string[]): Relation {
  if (names.length === 0) return relation;
  if (relation.rest === null) {
    const columns = relation.columns.map(({ name, sources }, index) => ({
      name: names[index] ?? name,
      sources,
    }));
    return { ...relation, columns };
  }
  const sources = sourcesOfAll(relation);
  return { ...relation, columns: names.map((name) => ({ name, sources })), rest: sources };
}

/** Columns made of more, as where a part that nobody knows has to do with all of them. */
export function addToAll(relation: Relation, more: Sources): Relation {
  if (sizeOf(more) === 0) return relation;
  const columns = relation.columns.map(({ name, sources }) => ({
    name,
    sources: uniteSources([sources, more]),
  }));
  return { ...relation, columns, rest: relation.rest === null ? null : uniteSources([relation.rest, more]) };
}
