import type { PiiClass } from '../../base/types/definition.js';
import type { BronzeDataset } from '../landed-partition.js';
import type { Model } from '../models/model.js';
import { foldName } from '../sql/syntax-tree.js';
import type { Relation, RelationColumn, Restriction } from '../relation.js';
import type { Scan } from './lineage-room.js';

/** By column, such as `silver.users.city`, and by table for the restriction of its rows. */
export type Restrictions = ReadonlyMap<string, Restriction>;

/** Raw-only columns of bronze. */
export function restrictDatasets(datasets: readonly BronzeDataset[]): Map<string, Restriction> {
  return new Map(
    datasets.flatMap(({ name, columns }) =>
      columns
        .filter(({ rawOnly }) => rawOnly)
        .map((column) => [`bronze.${name}.${column.name}`, restrictLanded(name, column.name)]),
    ),
  );
}

function restrictLanded(dataset: string, column: string): Restriction {
  return { path: [`bronze.${dataset}.${column}`], unknown: null, hasReason: false };
}

/** The restriction that follows from a scan; null if nothing that it reads is restricted. Pure. */
export function restrict(name: string, scan: Scan, known: Restrictions): Restriction | null {
  const read = [...scan.columns, ...scan.tables].flatMap((source) => known.get(source) ?? []);
  const source = read.find(({ hasReason }) => !hasReason) ?? read[0];
  const [unknown] = scan.unknown;
  if (source !== undefined) {
    const { path, hasReason } = source;
    return { path: [name, ...path], unknown: unknown ?? source.unknown, hasReason };
  }
  return unknown === undefined ? null : { path: [name], unknown, hasReason: false };
}

/** By what lands of a direct field people differ too: by the provider of their mail. */
const QUASI: readonly PiiClass[] = ['direct', 'quasi'];

export function describeDataset({ name, columns }: BronzeDataset, rowColumns: readonly string[]): Relation {
  const landed = columns.map(({ name: column, class: pii, treatment, rawOnly }) => {
    const restriction = rawOnly ? restrictLanded(name, column) : null;
    const isToken = treatment === 'token';
    return [
      column,
      { isToken, isQuasi: !isToken && QUASI.includes(pii), restriction, isExposed: false },
    ] as const;
  });
  // Who knows on which date a person landed tells them apart by it.
  const own = rowColumns.map((column) => [column, { ...NO_COLUMN, isQuasi: column === LANDED_ON }] as const);
  return {
    name: `bronze.${name}`,
    columns: new Map([...landed, ...own]),
    rows: null,
    isPersonal: columns.some(({ treatment }) => treatment === 'token'),
  };
}

const LANDED_ON = '_ingest_date';
const NO_COLUMN: RelationColumn = { isToken: false, isQuasi: false, restriction: null, isExposed: false };

/** A table of `ops` with a column of tokens. */
export function describeOps(table: string, columns: readonly string[], tokens: string): Relation {
  const own = columns.map((column) => [column, { ...NO_COLUMN, isToken: column === tokens }] as const);
  return { name: `ops.${table}`, columns: new Map(own), rows: null, isPersonal: false };
}

/** @param own restrictions by column and, under the name of the model, of its rows */
export function describeModel(
  { name, exposes }: Pick<Model, 'name' | 'exposes'>,
  columns: readonly string[],
  facts: {
    readonly own: Restrictions;
    readonly tokens: ReadonlySet<string>;
    readonly quasi: ReadonlySet<string>;
    readonly isPersonal: boolean;
  },
): Relation {
  const own = columns.map((column) => {
    const folded = foldName(column);
    const restriction = facts.own.get(`${name}.${column}`) ?? null;
    return [
      column,
      {
        isToken: facts.tokens.has(folded),
        isQuasi: facts.quasi.has(folded),
        restriction,
        isExposed: exposes.has(folded),
      },
    ] as const;
  });
  return { name, columns: new Map(own), rows: facts.own.get(name) ?? null, isPersonal: facts.isPersonal };
}

/**
 * The restrictions of relations.
 * @param withExposed whether a reason in gold ends a restriction: for who reads the tables, and not for a report
 */
export function listRestrictions(relations: Iterable<Relation>, withExposed: boolean): Restrictions {
  const known = new Map<string, Restriction>();
  for (const { name, columns, rows } of relations) {
    const isAllExposed = [...columns.values()].every(({ isExposed }) => isExposed);
    if (rows !== null) known.set(name, explain(rows, withExposed && isAllExposed));
    for (const [column, { restriction, isExposed }] of columns)
      if (restriction !== null)
        known.set(`${name}.${column}`, explain(restriction, withExposed && isExposed));
  }
  return known;
}

function explain(restriction: Restriction, isExplained: boolean): Restriction {
  return { ...restriction, hasReason: restriction.hasReason || isExplained };
}
