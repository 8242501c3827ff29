import { LakeveilError } from '../base/errors.js';
import { isObject, readPath } from '../base/json-values.js';
import type { ContractDefinition } from '../base/types/definition.js';
import { compileValidators, type NullingLeaf, type RecordValidator } from './compile-validator.js';
import { type ObjectNode, readSchema } from './schema-tree.js';

/** A compiled contract; holds no state of a run, so runs can share it. */
export interface CompiledContract {
  readonly dataset: string;
  readonly definition: ContractDefinition;
  readonly root: ObjectNode;
  readonly validate: RecordValidator;
  readonly nulling: readonly NullingLeaf[];
}

/** A backfill validates many dates with one contract. */
const COMPILED = new WeakMap<ContractDefinition, CompiledContract>();

/**
 * Compiles the contract of a dataset, once. Throws E_DEFINITION, naming the field, where the schema goes beyond the accepted
 * subset or does not compile.
 */
export function compileContract(definition: ContractDefinition, dataset: string): CompiledContract {
  const known = COMPILED.get(definition);
  if (known?.dataset === dataset) return known;
  try {
    const root = readSchema(definition);
    const compiled = { dataset, definition, root, ...compileValidators(root) };
    COMPILED.set(definition, compiled);
    return compiled;
  } catch (error) {
    throw error instanceof LakeveilError ? error.at({ dataset }) : error;
  }
}

/** Rows from the elements of an array, in order. */
interface Exploded {
  readonly records: readonly unknown[];
  /** Number of records with an empty array, which give no row. */
  readonly empty: number;
}

/**
 * One row an element of the array at `segments`: the record as it is, but for the element that stands in the array's
 * place. A record without an array there stays one row, which the contract rejects.
 */
export function explodeRecords(records: readonly unknown[], segments: readonly string[]): Exploded {
  let empty = 0;
  const rows = records.flatMap((record) => {
    const found = readPath(record, segments);
    if (found === undefined) return [record];
    // In an array of its own, nothing else passes for an element.
    const elements: readonly unknown[] = Array.isArray(found) ? found : [[found]];
    if (elements.length === 0) empty++;
    return elements.map((element) => replaceAt(record, segments, element));
  });
  return { records: rows, empty };
}

/** Own properties stay own properties, whatever they are called. */
function replaceAt(record: unknown, [name, ...rest]: readonly string[], element: unknown): unknown {
  if (name === undefined) return element;
  if (!isObject(record)) return record;
  return Object.fromEntries(
    Object.entries(record).map(([key, value]) => [
      key,
      key === name ? replaceAt(value, rest, element) : value,
    ]),
  );
}
