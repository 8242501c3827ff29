import type { DuckDBType, DuckDBValue } from '@duckdb/node-api';
import type { Cell } from '../result.js';
import type { ColumnKind } from '../warehouse-reader.js';

const NUMBER_TYPE = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\)|BIGNUM)$/;
const TIMESTAMPTZ_TYPE = 'TIMESTAMP WITH TIME ZONE';

export function nameKind(type: DuckDBType): ColumnKind {
  const name = String(type);
  if (name === 'BOOLEAN') return 'boolean';
  return NUMBER_TYPE.test(name) ? 'number' : 'text';
}

/**
 * A value as JSON can hold it: integers within 2^53 and doubles as numbers, other integers and decimals as strings of
 * their digits, dates as `YYYY-MM-DD`, instants as ISO 8601 in UTC; NaN, infinities and all else as DuckDB's text.
 */
export function toCell(value: DuckDBValue, type: DuckDBType): Cell {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') {
    return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER
      ? Number(value)
      : String(value);
  }
  if (String(type) === TIMESTAMPTZ_TYPE && 'micros' in value)
    return writeInstant(value.micros) ?? String(value);
  return String(value);
}

/** DuckDB's own text of an instant depends on the time zone of the process. */
function writeInstant(micros: bigint): string | null {
  const date = new Date(Number(micros / 1000n));
  if (Number.isNaN(date.getTime())) return null;
  const rest = micros % 1000n;
  return rest === 0n
    ? date.toISOString()
    : date.toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`);
}
