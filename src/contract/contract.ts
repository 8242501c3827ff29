import { LakeveilError } from '../base/errors.js';
import { isObject, readPath } from '../base/json-values.js';
import type { ContractDefinition } from '../base/types/definition.js';
import { compileJudges, type NullingLeaf, type RecordValidator } from './compile-validator.js';
import { type ObjectNode, readSchema } from './schema-tree.js';

/** A contract made ready to judge records; holds no state of a run, so that runs may share it. */
export interface CompiledContract {
  readonly dataset: string;
  readonly definition: ContractDefinition;
  readonly root: ObjectNode;
  readonly judge: RecordValidator;
  readonly nulling: readonly NullingLeaf[];
}

/** A backfill judges many dates by one contract. */
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
    const compiled = { dataset, definition, root, ...compileJudges(root) };
    COMPILED.set(definition, compiled);
    return compiled;
  } catch (error) {
    throw error instanceof LakeveilError ? error.at({ dataset }) : error;
  }
}

/** Rows made of the elements of an array, in order. */
interface Exploded {
  readonly records: readonly unknown[];
  /** Records whose array was empty, which make no row. */
  readonly empty: number;
}

/**
 * One row an element of the array at `segments`: the record as it is, but for the element that stands in the array's
 * place. What has no array there stays one row, for the contract to refuse.
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
