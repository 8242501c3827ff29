import { nameTable, type LoadTable, type PartState } from '../base/types/load.js';
import type { LoggedPart, TargetTable } from './target.js';

/** What to do with one part of a table; a part that the warehouse no longer has is removed. */
export interface PartPlan {
  readonly kind: 'load' | 'remove' | 'keep';
  readonly part: PartState;
}

export interface PlanInput {
  readonly table: LoadTable;
  readonly parts: readonly PartState[];
  /** Null if the target has no such table. */
  readonly existing: TargetTable | null;
  readonly log: readonly LoggedPart[];
  /** The only date to load of a table that has dates; null for all. */
  readonly date: string | null;
  /** Loads parts that have not changed, too. */
  readonly isForced: boolean;
}

/**
 * The parts of a table that differ from what the target has: by the digest that was logged, and by the number of rows that
 * are there, so that rows that were deleted by hand come back. Pure.
 */
export function planParts({ table, parts, existing, log, date, isForced }: PlanInput): PartPlan[] {
  const digests = readDigests(table, log);
  const isWanted = (part: Pick<PartState, 'date'>): boolean =>
    date === null || table.dateColumn === null || part.date === date;
  const found = parts.filter(isWanted).map((part): PartPlan => {
    const there = existing?.rows.get(part.date ?? '') ?? 0;
    const isSame = existing !== null && digests.get(part.date ?? '') === part.digest && there === part.rows;
    return { kind: isSame && !isForced ? 'keep' : 'load', part };
  });
  const known = new Set(parts.map((part) => part.date ?? ''));
  const gone = [...(existing?.rows.keys() ?? [])]
    .filter((one) => !known.has(one))
    .map((one) => ({ date: one === '' ? null : one, rows: 0, digest: '', nuls: 0, keyless: 0 }))
    .filter(isWanted);
  return [...gone.map((part): PartPlan => ({ kind: 'remove', part })), ...found];
}

/** The digest of each part that is in force: a whole table that was replaced stands for all its dates. */
function readDigests(table: LoadTable, log: readonly LoggedPart[]): ReadonlyMap<string, string> {
  const scope = table.dateColumn === null ? 'table' : 'date';
  const digests = new Map<string, string>();
  for (const entry of log) {
    if (entry.table !== nameTable(table)) continue;
    if (entry.scope !== scope) digests.clear();
    else digests.set(entry.date ?? '', entry.digest);
  }
  return digests;
}
