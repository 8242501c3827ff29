import { createHash } from 'node:crypto';
import { quoteName, withInstance } from '../base/duckdb.js';
import { failure } from '../base/errors.js';
import { nameColumns } from '../base/names.js';
import type { DatasetDefinition, LandingColumn } from '../base/types/definition.js';
import { compilePolicy } from './compile-policy.js';
import { deriveKey, makeHmac, type MasterKey } from './keys.js';
import { makeParameterValues } from './segment-plan.js';
import { TREATMENTS } from './treatments/registry.js';

/** Tokens by which the rows of a person are found: of one field, so that a known value gives the token. */

export function isToken({ treatment }: Pick<LandingColumn, 'treatment'>): boolean {
  return TREATMENTS.get(treatment)?.isToken === true;
}

/** The landed columns that hold tokens of one whole field. */
export function listLookups({ landing }: DatasetDefinition): readonly LandingColumn[] {
  return landing.filter(
    (column) => isToken(column) && column.from.length === 1 && column.part === null && !column.each,
  );
}

/**
 * The landed column that stands for a person: the first token that is made of a direct or sensitive field. Null where there
 * is none.
 */
export function findPersonColumn({ landing }: DatasetDefinition): LandingColumn | null {
  const isPerson = ({ class: pii }: LandingColumn): boolean => pii === 'direct' || pii === 'sensitive';
  return landing.find((column) => isToken(column) && !column.each && isPerson(column)) ?? null;
}

/** A digest of what the tokens of a column are made of. */
export function hashRecipe({ from, params, part }: LandingColumn): string {
  const leaves = from.map(({ path, type }) => [path, type]);
  return createHash('sha256').update(JSON.stringify({ leaves, params, part })).digest('hex');
}

/** Marks tokens of a column for tombstones, under a key that is used for nothing else. */
export function makeMarker(key: MasterKey, dataset: string, column: string): (token: string) => string {
  const { block, start, digest } = makeHmac(deriveKey(key, 'tombstone', `${dataset}.${column}`));
  return (token) => digest(start + block.write(token, start));
}

/**
 * The tokens of rows, by the SQL that masks: in memory only, in an instance that reaches no file. Null for a row whose values
 * are null or not of the field's type.
 * @param values of each field of the column by its path, in the order of the rows
 */
export async function computeTokens(
  dataset: DatasetDefinition,
  column: LandingColumn,
  key: MasterKey,
  values: ReadonlyMap<string, readonly unknown[]>,
): Promise<(string | null)[]> {
  const policy = compilePolicy({ ...dataset, landing: [column], prove: 'off' }, key.id);
  const names = nameColumns(column.from.map(({ path }) => path));
  const { LIST, VARCHAR, listValue } = await import('@duckdb/node-api');
  const bound = await makeParameterValues(policy, key, '1970-01-01');
  const lists = column.from.map(({ path }) => (values.get(path) ?? []).map(toText));
  const cells = column.from.map(({ path, type }, at) => {
    return `try_cast(raw_${at} as ${type}) as ${quoteName(names.get(path) ?? path)}`;
  });
  const raw = lists.map((_, at) => `unnest($raw_${at}) as raw_${at}`);
  const sql = `select ${policy.columns[0]?.sql ?? 'null'} as token from (select nth, ${cells.join(', ')}
    from (select generate_subscripts($raw_0, 1) as nth, ${raw.join(', ')})) order by nth`;
  const given = Object.fromEntries(lists.map((list, at) => [`raw_${at}`, listValue(list)]));
  const types = Object.fromEntries(lists.map((_, at) => [`raw_${at}`, LIST(VARCHAR)]));
  return withInstance({ memoryLimitMb: MEMORY_MB }, async (connection) => {
    const reader = await connection.runAndReadAll(sql, { ...bound, ...given }, types);
    return (reader.getColumns()[0] ?? []).map((token) => (typeof token === 'string' ? token : null));
  }).catch(() => {
    // What DuckDB says could quote a value.
    throw failure('E_MASK', { dataset: dataset.name, kind: 'lookup' });
  });
}

function toText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}

const MEMORY_MB = 512;
