import type { PruneReport } from '../operations/prune-lake.js';
import type { PrunedZone } from '../run-record.js';
import { countOf } from './count.js';
import { formatBytes } from './quantity.js';

/** What goes or went, by zone and dataset; what becomes of the models; and what to type next. */
export function formatPrune({ status, before, zones, checkpoints, losing, refused }: PruneReport): string {
  if (status === 'nothing') return `Nothing is older than ${before}.`;
  const isDone = status === 'pruned';
  return [
    isDone ? `Pruned what was before ${before}:` : `Would prune what is before ${before}:`,
    ...zones.map(describeZone),
    ...checkpoints.map(({ model, last_date, rows }) => {
      const count = rows === null ? '' : `, ${countOf(rows, 'row')}`;
      return `  checkpoint  ${model}, as it was on ${last_date}${count}`;
    }),
    ...losing.map((model) => `  shrinks     ${model}, at the next transform`),
    ...refused.map(({ model, reason }) => `  refused     ${model}: ${reason}`),
    '',
    tellNext(isDone, zones),
  ].join('\n');
}

function describeZone({ zone, dataset, partitions, files, rows, bytes, from, to }: PrunedZone): string {
  const what =
    zone === 'ledger'
      ? countOf(files, 'run')
      : `${dataset ?? ''}, ${countOf(partitions, 'partition')}, ${countOf(files, 'file')}, ${countOf(rows, 'row')}`;
  const span = from === to ? from : `${from} to ${to}`;
  return `  ${zone.padEnd(12)}${what}, ${formatBytes(bytes)}, ${span}`;
}

function tellNext(isDone: boolean, zones: readonly PrunedZone[]): string {
  if (!isDone) return 'Nothing was changed. Add --yes to carry it out.';
  const hasRaw = zones.some(({ zone }) => zone === 'raw');
  return hasRaw ? 'The tables follow with `pipeline transform`.' : 'The tables stay as they are.';
}
