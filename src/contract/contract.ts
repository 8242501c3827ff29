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

/**
 * Compiles the contract of a dataset. Throws E_DEFINITION, naming the field, where the schema goes beyond the accepted
 * subset or does not compile.
 */
export function compileContract(definition: ContractDefinition, dataset: string): CompiledContract {
  try {
    const root = readSchema(definition);
    return { dataset, definition, root, ...compileJudges(root) };
  } catch (error) {
    throw error instanceof LakeveilError ? error.at({ dataset }) : error;
  }
}
