import { failure, LakeveilError } from '../base/errors.js';
import { Counter } from '../base/json-values.js';
import type { ContractDefinition, Leaf } from '../base/types/definition.js';
import type { CheckedPage, RawPage, Reject } from '../base/types/record.js';
import type { CheckState } from '../base/types/resume.js';
import type { Drift, PathCount, RejectCount } from '../base/types/run-record.js';
import { type ColumnPlan, planColumns, type Row, writeColumns } from './columns.js';
import type { CompiledContract } from './contract.js';
import { DriftWatch, type SharedDrift } from './drift-watch.js';
import { type HideName, WITHHELD } from './undeclared.js';
import { CHECK_LIMITS, type CheckLimits, Inspector, type Verdict } from './inspect.js';
import type { Reason } from './reasons.js';
import { listLeaves, type SchemaNode } from './schema-tree.js';

/** The check of one dataset in one run. The result does not depend on the order of pages. */
export interface ContractCheck {
  /**
   * Validates the records of a page and writes the accepted ones as columns. Never changes a record, and never throws for
   * the content of one, except E_SOURCE_SLOW_CHECK if too many records exceed the time limit of a pattern.
   */
  page(raw: RawPage): CheckedPage;
  finish(): ContractResult;
  /** The state so far, for a later check to go on from; null if it holds names that may be data. */
  save(): CheckState | null;
  /** Goes on from the state of an earlier check of the same contract. */
  restore(state: CheckState): void;
  /** The state so far, whole: for the memory of another process alone. */
  share(): SharedCheck;
  /** Adds what a check of the same contract has found in other pages of the run. */
  absorb(shared: SharedCheck): void;
}

type CheckCounts = Omit<CheckState, 'drift'>;

/** What a process has found in its pages. */
export interface SharedCheck {
  readonly counts: CheckCounts;
  readonly drift: SharedDrift;
}

/** Summary of a run's records; `fetched` = `accepted` + `rejected`. Lists are sorted and contain no values. */
export interface ContractResult {
  readonly fetched: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly rejects: readonly RejectCount[];
  readonly nulled: readonly PathCount[];
  readonly drift: readonly Drift[];
  /** Records with a field that the contract does not name. */
  readonly undeclaredRecords: number;
  /** SHA-256 of the observed paths and JSON types. */
  readonly observedSha256: string;
}

export interface CheckOptions {
  readonly limits?: CheckLimits;
  /** What is stored in place of the path of an undeclared field; by default the same text for all. */
  readonly hideName?: HideName;
}

/**
 * Starts the check of a dataset for one run. `neededLeaves` are those that the landing list uses, the only ones that
 * get into the columns. Throws E_DEFINITION for one that the schema does not have.
 */
export function startCheck(
  contract: CompiledContract,
  neededLeaves: readonly Leaf[],
  { limits = CHECK_LIMITS, hideName = () => WITHHELD }: CheckOptions = {},
): ContractCheck {
  assertUsable(contract, neededLeaves);
  return new RunCheck(contract, neededLeaves, limits, hideName);
}

class RunCheck implements ContractCheck {
  readonly #contract: CompiledContract;
  readonly #columns: ColumnPlan;
  readonly #inspector: Inspector;
  readonly #drift: DriftWatch;
  readonly #nulling: ReadonlyMap<string, SchemaNode>;
  /** By code and path, separated by a space, which no code contains. */
  readonly #rejects = new Counter();
  readonly #nulled = new Counter();
  #fetched = 0;
  #accepted = 0;
  #undeclaredRecords = 0;

  constructor(contract: CompiledContract, needed: readonly Leaf[], limits: CheckLimits, hideName: HideName) {
    const paths = new Set(needed.map((leaf) => leaf.path));
    const nulling = contract.nulling.filter(({ node }) =>
      listLeaves(node).some(({ path }) => paths.has(path)),
    );
    this.#contract = contract;
    this.#columns = planColumns(needed, listBelow(contract.root));
    this.#inspector = new Inspector({ ...contract, nulling }, limits);
    this.#drift = new DriftWatch(contract.root, contract.definition, hideName);
    this.#nulling = new Map(nulling.map(({ node }) => [node.path, node]));
  }

  page(raw: RawPage): CheckedPage {
    const verdicts = this.#inspect(raw);
    const rows: Row[] = [];
    const rejects: Reject[] = [];
    for (const [position, record] of raw.records.entries()) {
      const reason = this.#checkRecord(record, verdicts[position]);
      if (reason === null) rows.push({ position, record, nulls: verdicts[position]?.nulls ?? null });
      else rejects.push({ page: raw.index, position, ...reason });
    }
    this.#count(raw, rows, rejects);
    const counts = { fetched: raw.records.length, accepted: rows.length };
    return { index: raw.index, ...counts, ...writeColumns(raw.index, rows, this.#columns), rejects };
  }

  finish(): ContractResult {
    return {
      fetched: this.#fetched,
      accepted: this.#accepted,
      rejected: this.#fetched - this.#accepted,
      rejects: this.#rejects.list().map(([key, count]) => ({ ...splitKey(key), count })),
      nulled: this.#nulled.list().map(([path, count]) => ({ path, count })),
      drift: this.#drift.list(),
      undeclaredRecords: this.#undeclaredRecords,
      observedSha256: this.#drift.hashObserved(),
    };
  }

  save(): CheckState | null {
    const drift = this.#drift.save();
    return drift === null ? null : { ...this.#saveCounts(), drift };
  }

  restore({ drift, ...counts }: CheckState): void {
    this.#addCounts(counts);
    this.#drift.restore(drift);
  }

  share(): SharedCheck {
    return { counts: this.#saveCounts(), drift: this.#drift.share() };
  }

  absorb({ counts, drift }: SharedCheck): void {
    this.#addCounts(counts);
    this.#drift.absorb(drift);
  }

  #saveCounts(): CheckCounts {
    return {
      fetched: this.#fetched,
      accepted: this.#accepted,
      undeclaredRecords: this.#undeclaredRecords,
      rejects: this.#rejects.save(),
      nulled: this.#nulled.save(),
    };
  }

  #addCounts(counts: CheckCounts): void {
    this.#fetched += counts.fetched;
    this.#accepted += counts.accepted;
    this.#undeclaredRecords += counts.undeclaredRecords;
    this.#rejects.restore(counts.rejects);
    this.#nulled.restore(counts.nulled);
  }

  #inspect(raw: RawPage): readonly Verdict[] {
    try {
      return this.#inspector.inspect(raw.records, raw.index);
    } catch (error) {
      throw error instanceof LakeveilError ? error.at({ dataset: this.#contract.dataset }) : error;
    }
  }

  #checkRecord(record: unknown, verdict: Verdict | undefined): Reason | null {
    const hasUndeclared = this.#drift.see(record);
    if (hasUndeclared) this.#undeclaredRecords++;
    const reason = verdict?.reason ?? null;
    if (reason !== null) return reason;
    return hasUndeclared && this.#contract.definition.onUnknownField === 'discard_row' ? UNKNOWN_FIELD : null;
  }

  #count(raw: RawPage, rows: readonly Row[], rejects: readonly Reject[]): void {
    this.#fetched += raw.records.length;
    this.#accepted += rows.length;
    for (const { code, path, position } of rejects) {
      this.#rejects.add(`${code} ${path}`);
      this.#drift.examine(raw.records[position]);
    }
    for (const { record, nulls } of rows) {
      for (const path of nulls ?? []) this.#countNulled(path, record);
    }
    this.#drift.endPage(
      raw.records.length,
      rows.map(({ record }) => record),
    );
  }

  #countNulled(path: string, record: unknown): void {
    this.#nulled.add(path);
    const node = this.#nulling.get(path);
    if (node !== undefined) this.#drift.examineNode(node, record);
  }
}

/** The leaves below each object, by its path. */
function listBelow(node: SchemaNode): ReadonlyMap<string, readonly string[]> {
  if (node.kind === 'leaf') return new Map();
  const own = [node.path, listLeaves(node).map(({ path }) => path)] as const;
  return new Map([own, ...[...node.children.values()].flatMap((child) => [...listBelow(child)])]);
}

/** The field name comes from the source, not the contract, so the path is that of the whole record. */
const UNKNOWN_FIELD: Reason = { code: 'unknown_field', path: '', keyword: 'x-on-unknown-field' };

function splitKey(key: string): { readonly code: string; readonly path: string } {
  const at = key.indexOf(' ');
  return { code: key.slice(0, at), path: key.slice(at + 1) };
}

/** The masking statement reads every leaf that the landing list uses. */
function assertUsable(contract: CompiledContract, needed: readonly Leaf[]): void {
  const declared = new Set(listLeaves(contract.root).map((node) => node.path));
  const unknown = needed.find(({ path }) => !declared.has(path))?.path;
  if (unknown === undefined) return;
  const problem = `the schema has no leaf ${unknown}`;
  const fix = 'list the field under drop';
  throw failure('E_DEFINITION', { problem, fix }, { dataset: contract.dataset, field: unknown });
}

/** Maximum number of reasons in an error. */
const MAX_REASONS = 5;

/**
 * Decides, at the end of a pull and before anything lands, whether the records as a whole are acceptable. Throws
 * E_FROZEN if a frozen contract found undeclared fields, and E_REJECTED if more records were rejected than
 * `max_rejected` allows, or all of them.
 */
export function assertAccepted(result: ContractResult, contract: ContractDefinition, dataset: string): void {
  if (contract.onUnknownField === 'freeze' && result.undeclaredRecords > 0) {
    throw failure('E_FROZEN', { dataset, count: result.undeclaredRecords }, { dataset });
  }
  const { fetched, rejected } = result;
  const allowed = countAllowed(contract.maxRejected, fetched);
  if (rejected <= allowed) return;
  const reasons = listReasons(result);
  throw failure('E_REJECTED', { rejected, fetched, dataset, allowed, reasons }, { dataset });
}

/** The most frequent reasons first: `missing email (12), type birthday (3)`. */
function listReasons({ rejects }: ContractResult): string {
  const sorted = rejects.toSorted((a, b) => b.count - a.count);
  const named = sorted
    .slice(0, MAX_REASONS)
    .map(({ code, path, count }) => `${[code, path].join(' ').trim()} (${count})`);
  return [...named, ...(sorted.length > MAX_REASONS ? ['…'] : [])].join(', ');
}

/** At least one record must remain, or the date would become empty. 0.29 × 100 is slightly below 29. */
function countAllowed(share: number, fetched: number): number {
  return Math.min(Math.floor(share * fetched + 1e-6), Math.max(0, fetched - 1));
}
