import { LakeveilError } from '../base/errors.js';
import type { ContractDefinition } from '../base/types/definition.js';
import {
  compileValidators,
  type NullingNode,
  type ReadNothings,
  readNothings,
  type RecordValidator,
} from './compile-validator.js';
import { type ObjectNode, readSchema } from './schema-tree.js';

/** A compiled contract; holds no state of a run, so runs can share it. */
export interface CompiledContract {
  readonly dataset: string;
  readonly definition: ContractDefinition;
  readonly root: ObjectNode;
  readonly validate: RecordValidator;
  readonly nulling: readonly NullingNode[];
  readonly readNothings: ReadNothings;
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
    const compiled = {
      dataset,
      definition,
      root,
      ...compileValidators(root),
      readNothings: readNothings(root),
    };
    COMPILED.set(definition, compiled);
    return compiled;
  } catch (error) {
    throw error instanceof LakeveilError ? error.at({ dataset }) : error;
  }
}
