/** What a value is made of, as far as a statement's own words tell. Never too little, sometimes too much. */
export interface Sources {
  /** Columns of the tables that the statement reads, such as `silver.users.city`. */
  readonly columns: ReadonlySet<string>;
  /** Names that no table in sight has; everything that the statement reads stands for each. */
  readonly unresolved: ReadonlySet<string>;
  /** Parts of the statement that nobody here knows, by DuckDB's name for them. */
  readonly unknown: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();

/** Of a constant. */
export const NOTHING: Sources = { columns: NONE, unresolved: NONE, unknown: NONE };

export function uniteSources(parts: Iterable<Sources>): Sources {
  const [columns, unresolved, unknown] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const part of parts) {
    for (const column of part.columns) columns.add(column);
    for (const name of part.unresolved) unresolved.add(name);
    for (const name of part.unknown) unknown.add(name);
  }
  return { columns, unresolved, unknown };
}

/** Of something that is not known: it may be made of anything in sight, and is told as what it is. */
export function markUnknown(name: string, everything: Sources): Sources {
  return uniteSources([everything, { ...NOTHING, unknown: new Set([name]) }]);
}

/** Grows only, so that a fixpoint is reached where its size is. */
export function sizeOf({ columns, unresolved, unknown }: Sources): number {
  return columns.size + unresolved.size + unknown.size;
}
