import type { ContractDefinition } from '../../src/base/types/definition.js';
import type { CheckedPage } from '../../src/base/types/record.js';
import { type ContractResult, startCheck } from '../../src/contract/check.js';
import { compileContract, type CompiledContract } from '../../src/contract/contract.js';

export interface Checked {
  readonly pages: readonly CheckedPage[];
  readonly result: ContractResult;
}

/** Checks pages of records in one run, with every leaf needed. */
export function checkPages(
  definition: ContractDefinition,
  pages: readonly (readonly unknown[])[],
  needed: readonly string[] = [...definition.leaves.keys()],
): Checked {
  const leaves = [...definition.leaves.values()].filter((leaf) => needed.includes(leaf.path));
  const check = startCheck(compileOnce(definition), leaves, { hideName: (path) => path });
  const checked = pages.map((records, index) => check.page({ index, records }));
  return { pages: checked, result: check.finish() };
}

const compiled = new WeakMap<ContractDefinition, CompiledContract>();

function compileOnce(definition: ContractDefinition): CompiledContract {
  const contract = compiled.get(definition) ?? compileContract(definition, 'people');
  compiled.set(definition, contract);
  return contract;
}

/** The columns of a page, parsed. */
export function columnsOf(page: CheckedPage | undefined): Readonly<Record<string, readonly unknown[]>> {
  return JSON.parse(page?.columns ?? '') as Readonly<Record<string, readonly unknown[]>>;
}
