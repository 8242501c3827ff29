/** A name of a pipeline, dataset, model, report, scope or column, wherever it comes from, as a part of a pattern. */
export const NAME_PATTERN = '[a-z][a-z0-9_]{0,62}';

/** The same as a whole text: what a name must match before it touches a path or an identifier. */
export const NAME = new RegExp(`^${NAME_PATTERN}$`);

/** The column by which `deleted_path` lands; its name is none that a definition can give a column. */
export const DELETED = '_deleted';

/** A landed column. */
export const COLUMN = new RegExp(`^(?:${NAME_PATTERN}|${DELETED})$`);

/** A run's id as a part of a pattern: a UUIDv7 (RFC 9562, section 5.7) in lower case. */
export const RUN_ID_PATTERN = '[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}';

export const RUN_ID = new RegExp(`^${RUN_ID_PATTERN}$`);

/** A model by its qualified name, such as `silver.users`. */
export const MODEL = new RegExp(`^(silver|gold)\\.${NAME_PATTERN}$`);

/**
 * A name for each leaf of the masking statement, its path where that is free: DuckDB ignores case in names of columns;
 * `page`, `position` and `element`, the parameter of its lambdas, are taken.
 */
export function nameColumns(paths: Iterable<string>): ReadonlyMap<string, string> {
  const taken = new Set(['page', 'position', 'element']);
  const names = new Map<string, string>();
  for (const path of paths) {
    let name = path;
    for (let number = 2; taken.has(name.toLowerCase()); number++) name = `${path} ${number}`;
    taken.add(name.toLowerCase());
    names.set(path, name);
  }
  return names;
}
