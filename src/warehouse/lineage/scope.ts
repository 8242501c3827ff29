import { findColumn, type Relation, sourcesOfAll, sourcesOfMadeNames } from './relation.js';
import { NOTHING, type Sources, uniteSources } from './sources.js';

/** A relation by the names that it can be called by. */
export interface Table {
  /** Each with its schema and catalog, if there are any: `[[users], [silver, users]]`. */
  readonly names: readonly (readonly string[])[];
  readonly relation: Relation;
}

/** What a name may mean at one place of a statement. */
export interface Scope {
  readonly tables: readonly Table[];
  /** CTEs in sight, those of outer queries too. */
  readonly ctes: ReadonlyMap<string, Relation>;
  /** Columns of the select list that have been named so far. */
  readonly aliases: ReadonlyMap<string, Sources>;
  /** Parameters of a lambda: what they are made of stands beside the lambda. */
  readonly parameters: ReadonlySet<string>;
  readonly outer: Scope | null;
}

export const EMPTY_SCOPE: Scope = {
  tables: [],
  ctes: new Map(),
  aliases: new Map(),
  parameters: new Set(),
  outer: null,
};

/** A scope within another one, which sees what that one sees. */
export function within(outer: Scope, facts: Partial<Scope>): Scope {
  return { ...EMPTY_SCOPE, ctes: outer.ctes, ...facts, outer };
}

/** What all columns of all tables of a scope itself are made of. */
export function sourcesOfTables({ tables }: Scope): Sources {
  return uniteSources(tables.map(({ relation }) => sourcesOfAll(relation)));
}

/**
 * What a name is made of, given by its parts in lower case: a column, one of a table, a field of either, a whole row,
 * a name of the select list. All that it may mean counts; the innermost scope in which a listed column bears the name
 * ends the search. A name that means nothing is made of everything.
 */
export function resolveName(parts: readonly string[], scope: Scope, everything: Sources): Sources {
  const found: Sources[] = [];
  for (let at: Scope | null = scope; at !== null; at = at.outer) {
    const columns = matchTables(parts, at);
    found.push(...columns, ...matchLoosely(parts, at));
    if (columns.length > 0) break;
  }
  if (found.length > 0) return uniteSources(found);
  return uniteSources([everything, { ...NOTHING, unresolved: new Set([parts.join('.')]) }]);
}

/** Columns that are listed. */
function matchTables(parts: readonly string[], { tables }: Scope): Sources[] {
  const [first = ''] = parts;
  return tables.flatMap(({ names, relation }) => [
    ...asList(findColumn(relation, first)),
    ...names.flatMap((name) =>
      startsWith(parts, name) ? asList(findColumn(relation, parts[name.length] ?? '')) : [],
    ),
  ]);
}

/** Names that DuckDB may have made: no plain word, or with a number at its end. */
const MADE_NAME = /[^a-z0-9_]|^\d|_\d+$/;

/** What else the name may mean here: a row of a table, a name of the select list, a parameter, a column not listed. */
function matchLoosely(parts: readonly string[], { tables, aliases, parameters }: Scope): Sources[] {
  const [first = ''] = parts;
  const rows =
    parts.length > 1 ? [] : tables.filter(({ names }) => names.some((name) => startsWith(parts, name)));
  return [
    ...rows.map(({ relation }) => sourcesOfAll(relation)),
    ...asList(aliases.get(first) ?? null),
    ...(parameters.has(first) ? [NOTHING] : []),
    ...tables.flatMap(({ relation }) => asList(relation.rest)),
    ...(parts.some((part) => MADE_NAME.test(part))
      ? tables.flatMap(({ relation }) => asList(sourcesOfMadeNames(relation)))
      : []),
  ];
}

function startsWith(parts: readonly string[], name: readonly string[]): boolean {
  return name.every((part, index) => part === parts[index]);
}

function asList(sources: Sources | null): Sources[] {
  return sources === null ? [] : [sources];
}
