import { quoteName, type Row, toNumber } from './duckdb.js';
import type { Custody } from './types/record.js';

/**
 * Custody: what is counted where rows change hands. Both sides of a hand-over run the same query; equal answers mean
 * that no value was changed, lost or added on the way.
 */

/** `relation` is a table's name or a parenthesised query; `also` counts what else the scan is for. Empty sums are 0. */
export function custodyQuery(
  columns: readonly string[],
  relation: string,
  also: readonly string[] = [],
): string {
  const sums = columns.flatMap((name, i) => [
    `count(${quoteName(name)}) as "present_${i}"`,
    `coalesce(sum(hash(${quoteName(name)})), 0)::varchar as "sum_${i}"`,
  ]);
  return `select ${['count(*) as "rows"', ...sums, ...also].join(', ')} from ${relation}`;
}

export function readCustody(columns: readonly string[], row: Row | undefined): Custody {
  const rows = toNumber(row?.['rows']);
  return {
    rows,
    columns: new Map(
      columns.map((name, i) => [
        name,
        { nulls: rows - toNumber(row?.[`present_${i}`]), hashSum: String(row?.[`sum_${i}`] ?? '0') },
      ]),
    ),
  };
}

/** The custody of all rows of several sets together. */
export function addCustody(columns: readonly string[], parts: readonly Custody[]): Custody {
  return combine(columns, parts, 1n);
}

/** What is left of `whole` when the rows of `taken` are taken away. */
export function subtractCustody(columns: readonly string[], whole: Custody, taken: Custody): Custody {
  return combine(columns, [whole, combine(columns, [taken], -1n)], 1n);
}

/** The first column in which two sets differ (`(rows)` for their number), or null. */
export function findDifference(columns: readonly string[], a: Custody, b: Custody): string | null {
  if (a.rows !== b.rows) return '(rows)';
  const differs = columns.find((name) => {
    const [left, right] = [a.columns.get(name), b.columns.get(name)];
    return left?.nulls !== right?.nulls || left?.hashSum !== right?.hashSum;
  });
  return differs ?? null;
}

function combine(columns: readonly string[], parts: readonly Custody[], sign: bigint): Custody {
  const factor = Number(sign);
  return {
    rows: parts.reduce((sum, part) => sum + factor * part.rows, 0),
    columns: new Map(
      columns.map((name) => {
        const own = parts.map((part) => part.columns.get(name) ?? { nulls: 0, hashSum: '0' });
        const nulls = own.reduce((sum, column) => sum + factor * column.nulls, 0);
        const hashSum = own.reduce((sum, column) => sum + sign * BigInt(column.hashSum), 0n);
        return [name, { nulls, hashSum: String(hashSum) }];
      }),
    ),
  };
}
