import type { Relation } from './relation.js';
import type { Scope, Table } from './scope.js';
import type { Sources } from './sources.js';

/** What a FROM clause brings in sight. */
export interface From {
  readonly tables: readonly Table[];
  /** Columns that a join shows once, though two tables have them. */
  readonly merged: ReadonlySet<string>;
  /** What decides which rows there are. */
  readonly rows: Sources;
}

/** The walks over the parts of a statement, which call each other, and what all of them must know. */
export interface Walker {
  /** Tables that are not made in the statement, by qualified name in lower case. */
  readonly tables: ReadonlyMap<string, Relation>;
  /** All columns of all tables that the statement reads. */
  readonly everything: Sources;
  readonly walkQuery: (walker: Walker, node: unknown, scope: Scope) => Relation;
  readonly walkFrom: (walker: Walker, node: unknown, scope: Scope) => From;
  readonly walkExpression: (walker: Walker, node: unknown, scope: Scope) => Sources;
}
