import type { CompiledPolicy } from '../anonymize/compile-policy.js';
import { WITHHELD } from '../anonymize/echo.js';
import { TREATMENTS } from '../anonymize/treatments/registry.js';
import { failure } from '../base/errors.js';
import type { DatasetDefinition, LandingColumn } from '../base/types/definition.js';
import type { LandingPlan } from '../lake/landing-plan.js';

/** Records in a part when all pages are full. */
export const PART_ROWS = 1_000_000;
/** Pages in a part where the pagination has no size. */
const PART_PAGES = 1_000;
/** Expected records per page if the definition gives no size. */
const UNKNOWN_PAGE_ROWS = 1_000;
/** How the lake is to land a dataset: the policy's shapes, and what the definition says of keys. Pure. */
export function planLanding(dataset: DatasetDefinition, policy: CompiledPolicy): LandingPlan {
  return {
    dataset: dataset.name,
    columns: policy.columns.map(({ landing: { name, type, treatment }, shape }) => ({
      name,
      type,
      treatment,
      shape,
    })),
    primaryKey: dataset.primaryKey,
    onDuplicate: dataset.onDuplicate,
    quasiColumns: dataset.landing.filter(isQuasi).map(({ name }) => name),
    withheldColumn: policy.hasEcho ? WITHHELD : null,
  };
}

/** Pages a part and records a page: what a part and a segment are measured by. */
export function planPages(dataset: DatasetDefinition): { pageSize: number; pagesPerPart: number } {
  const { pagination } = dataset.request;
  const size = 'size' in pagination ? pagination.size : null;
  return {
    pageSize: size ?? UNKNOWN_PAGE_ROWS,
    pagesPerPart: size === null ? PART_PAGES : Math.ceil(PART_ROWS / size),
  };
}

function isQuasi({ class: pii, treatment }: LandingColumn): boolean {
  return pii === 'quasi' && TREATMENTS.get(treatment)?.isBlind !== true;
}

/** So many cells are withheld whatever their share is: of few rows, a share says nothing. */
const FEW_CELLS = 30;

/** Many such cells are no chance: a field of the source holds other values than the contract says. @throws E_WITHHELD */
export function assertFewWithheld(
  { name, maxWithheld }: DatasetDefinition,
  withheld: number | null,
  rows: number,
): void {
  const allowed = Math.max(FEW_CELLS, Math.floor(maxWithheld * rows));
  if (withheld === null || withheld <= allowed) return;
  throw failure('E_WITHHELD', { dataset: name, count: withheld, total: rows, allowed }, { dataset: name });
}
