import type { ContractDefinition } from '../definition/definition.js';
import { failure } from '../errors.js';
import type { CheckResult } from './check.js';

/** Reasons that an error names. */
const REASONS_TOLD = 5;

/**
 * Decides, at the end of a pull and before anything lands, whether the records as a whole are acceptable. Throws
 * E_FROZEN when a frozen contract met fields that it does not name, and E_REJECTED when more records were refused than
 * `max_rejected` allows, or all of them.
 */
export function judgeResult(result: CheckResult, contract: ContractDefinition, dataset: string): void {
  if (contract.onUnknownField === 'freeze' && result.undeclaredRecords > 0) {
    throw failure('E_FROZEN', { dataset, count: result.undeclaredRecords }, { dataset });
  }
  const { fetched, rejected } = result;
  const allowed = countAllowed(contract.maxRejected, fetched);
  if (rejected <= allowed) return;
  const reasons = listReasons(result);
  throw failure('E_REJECTED', { rejected, fetched, dataset, allowed, reasons }, { dataset });
}

/** The commonest reasons first: `missing email (12), type birthday (3)`. */
function listReasons({ rejects }: CheckResult): string {
  const sorted = rejects.toSorted((a, b) => b.count - a.count);
  const told = sorted
    .slice(0, REASONS_TOLD)
    .map(({ code, path, count }) => `${[code, path].join(' ').trim()} (${count})`);
  return [...told, ...(sorted.length > REASONS_TOLD ? ['…'] : [])].join(', ');
}

/** At least one record must be left, or the date would be replaced by nothing. 0.29 × 100 is a little below 29. */
function countAllowed(share: number, fetched: number): number {
  return Math.min(Math.floor(share * fetched + 1e-6), Math.max(0, fetched - 1));
}
