import type { ContractDefinition } from '../definition/definition.js';
import { LakeveilError } from '../errors.js';
import { compileJudges, type Judge, type NullingLeaf } from './compile-judge.js';
import { readSchema, type ObjectNode } from './schema-tree.js';

/** A contract made ready to judge records; holds no state of a run, so that runs may share it. */
export interface CompiledContract {
  readonly dataset: string;
  readonly definition: ContractDefinition;
  readonly root: ObjectNode;
  readonly judge: Judge;
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
