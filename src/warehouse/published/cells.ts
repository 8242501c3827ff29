import type {
  DuckDBArrayType,
  DuckDBListType,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBType,
  DuckDBValue,
} from '@duckdb/node-api';
import type { Cell } from '../../base/types/result.js';
import type { ColumnKind } from '../../base/types/warehouse-reader.js';

const NUMBER_TYPE = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(.*\)|BIGNUM)$/;
/** Lists, arrays, structs, maps and unions; not the quoted members of an enum. */
const NESTED_TYPE = /^(?:(?:STRUCT|MAP|UNION)\(|(?!ENUM).*\[\d*\]$)/s;
const TIMESTAMPTZ_TYPE = 'TIMESTAMP WITH TIME ZONE';

/** How a column of a type is written. */
export function nameKind(type: DuckDBType): ColumnKind {
  const name = String(type);
  if (name === 'BOOLEAN') return 'boolean';
  if (NUMBER_TYPE.test(name)) return 'number';
  return NESTED_TYPE.test(name) ? 'nested' : 'text';
}

/**
 * Converts a value for JSON: integers within 2^53 and doubles to numbers, other integers and decimals to strings of
 * digits, dates to `YYYY-MM-DD`, instants to ISO 8601 in UTC, lists, structs and maps to the text of their JSON, and
 * everything else (also NaN and infinities) to DuckDB's text.
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
  return nameKind(type) === 'nested' ? JSON.stringify(toJson(value, type)) : String(value);
}

/**
 * A map becomes a list of `{"key":…,"value":…}`, since its keys need not be texts. Types are told by what they have:
 * their classes would load DuckDB.
 */
function toJson(value: DuckDBValue, type: DuckDBType): unknown {
  if (value === null) return null;
  if (isList(type) && typeof value === 'object' && 'items' in value) {
    return value.items.map((item) => toJson(item, type.valueType));
  }
  if (typeof value !== 'object' || !('entries' in value)) return toCell(value, type);
  const { entries } = value;
  if (isMap(type) && Array.isArray(entries)) {
    return entries.map((entry) => ({
      key: toJson(entry.key, type.keyType),
      value: toJson(entry.value, type.valueType),
    }));
  }
  if (!isStruct(type) || Array.isArray(entries)) return String(value);
  const pairs = type.entryNames.map((name, index) => {
    const inner = type.entryTypes[index];
    return [name, inner === undefined ? null : toJson(entries[name] ?? null, inner)] as const;
  });
  return Object.fromEntries(pairs);
}

function isList(type: DuckDBType): type is DuckDBListType | DuckDBArrayType {
  return 'valueType' in type && !('keyType' in type);
}

function isMap(type: DuckDBType): type is DuckDBMapType {
  return 'keyType' in type;
}

function isStruct(type: DuckDBType): type is DuckDBStructType {
  return 'entryNames' in type;
}

/** Used because DuckDB's text of an instant depends on the time zone of the process. */
function writeInstant(micros: bigint): string | null {
  const date = new Date(Number(micros / 1000n));
  if (Number.isNaN(date.getTime())) return null;
  const rest = micros % 1000n;
  return rest === 0n
    ? date.toISOString()
    : date.toISOString().replace('Z', `${String(rest).padStart(3, '0')}Z`);
}
