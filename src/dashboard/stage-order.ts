import type { StageReceipt } from '../run-record.js';

const ORDER: readonly StageReceipt['stage'][] = ['fetch', 'check', 'mask', 'land', 'transform', 'report'];

/** Dataset by dataset, in the order of a record's way; the ledger has them as they ended. Pure. */
export function orderStages(stages: readonly StageReceipt[]): readonly StageReceipt[] {
  const datasets = [...new Set(stages.map(({ dataset }) => dataset))];
  return stages.toSorted(
    (a, b) =>
      datasets.indexOf(a.dataset) - datasets.indexOf(b.dataset) ||
      ORDER.indexOf(a.stage) - ORDER.indexOf(b.stage),
  );
}
