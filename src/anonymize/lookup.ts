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
 * The tokens of values, by the SQL that masks: in memory only, in an instance that reaches no file. Null for a value that
 * is not of the field's type.
 */
export async function computeTokens(
  dataset: DatasetDefinition,
  column: LandingColumn,
  key: MasterKey,
  values: readonly string[],
): Promise<(string | null)[]> {
  const [leaf] = column.from;
  if (leaf === undefined) throw new RangeError('a lookup has one field');
  const policy = compilePolicy({ ...dataset, landing: [column], prove: 'off' }, key.id);
  const [compiled] = policy.columns;
  const name = nameColumns([leaf.path]).get(leaf.path) ?? leaf.path;
  const { LIST, VARCHAR, listValue } = await import('@duckdb/node-api');
  const bound = await makeParameterValues(policy, key, '1970-01-01');
  const sql = `select ${compiled?.sql ?? 'null'} as token
    from (select try_cast(value as ${leaf.type}) as ${quoteName(name)}, nth
      from (select unnest($lookups) as value, generate_subscripts($lookups, 1) as nth)) order by nth`;
  return withInstance({ memoryLimitMb: MEMORY_MB }, async (connection) => {
    const lookups = listValue([...values]);
    const reader = await connection.runAndReadAll(sql, { ...bound, lookups }, { lookups: LIST(VARCHAR) });
    return (reader.getColumns()[0] ?? []).map((token) => (typeof token === 'string' ? token : null));
  }).catch(() => {
    // What DuckDB says could quote a value.
    throw failure('E_MASK', { dataset: dataset.name, kind: 'lookup' });
  });
}

const MEMORY_MB = 512;
