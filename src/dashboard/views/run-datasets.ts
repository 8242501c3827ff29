import { formatBytes, formatCount } from '../../base/text/numbers.js';
import type { DatasetResult } from '../../base/types/run-record.js';
import { formatShare } from '../figures.js';
import { type Content, html } from '../markup.js';
import { table } from './table.js';

interface Fact {
  readonly name: string;
  readonly format: (dataset: DatasetResult) => string;
  /** The column is shown only if this holds for some dataset of the run. */
  readonly isShown?: (dataset: DatasetResult) => boolean;
}

const FACTS: readonly Fact[] = [
  { name: 'Fetched', format: ({ fetched }) => formatCount(fetched) },
  { name: 'Landed', format: ({ landed }) => formatCount(landed) },
  { name: 'Rejected', format: ({ rejected }) => formatCount(rejected) },
  { name: 'Duplicates', format: ({ duplicates }) => formatCount(duplicates) },
  { name: 'Forgotten', format: ({ forgotten }) => formatCount(forgotten) },
  { name: 'Empty lists', format: ({ empty }) => formatCount(empty), isShown: ({ empty }) => empty > 0 },
  { name: 'Files', format: describeFiles },
  {
    name: 'Unique rows in the raw zone',
    format: ({ singled_out: share }) => (share === null ? '–' : formatShare(share)),
    isShown: ({ singled_out: share }) => share !== null,
  },
];

const SUM = 'Every fetched record either landed, was rejected, was a duplicate or was forgotten.';

/** Record counts of each dataset, then its rejected records, its nulled values and its drift. */
export function writeDatasets(datasets: readonly DatasetResult[]): Content {
  if (datasets.length === 0) return null;
  const facts = FACTS.filter(({ isShown }) => isShown === undefined || datasets.some(isShown));
  return html`<section>
    <h2>Datasets</h2>
    ${table({
      label: 'Datasets',
      columns: [{ name: 'Dataset' }, ...facts.map(({ name }) => ({ name, isNumber: true }))],
      rows: datasets.map((dataset) => [dataset.dataset, ...facts.map(({ format }) => format(dataset))]),
      note: [SUM, ...describeUnchanged(datasets)].join(' '),
    })}
    ${datasets.map(writeOddities)}
  </section>`;
}

function describeFiles({ partitions }: DatasetResult): string {
  return `${partitions.length}, ${formatBytes(partitions.reduce((sum, { bytes }) => sum + bytes, 0))}`;
}

function describeUnchanged(datasets: readonly DatasetResult[]): string[] {
  const unchanged = datasets.filter(({ unchanged: isUnchanged }) => isUnchanged);
  if (unchanged.length === 0) return [];
  const names = unchanged.map(({ dataset }) => dataset).join(', ');
  const of = unchanged.length === datasets.length ? '' : ` of ${names}`;
  return [`The data${of} is identical to what had already landed. Nothing was replaced.`];
}

function writeOddities({ dataset, rejects, nulled, drift }: DatasetResult): Content {
  return [
    writeCounts(`Rejected records of ${dataset}`, ['Reason', 'Field'], rejects, ({ code }) => code),
    writeCounts(`Values of ${dataset} set to null`, ['What', 'Field'], nulled, () => 'set to null'),
    writeCounts(`Drift of ${dataset}`, ['Drift', 'Field'], drift, ({ kind }) => kind.replaceAll('_', ' ')),
  ];
}

function writeCounts<T extends { readonly path: string; readonly count: number }>(
  label: string,
  [what, field]: readonly [string, string],
  items: readonly T[],
  nameOf: (item: T) => string,
): Content {
  if (items.length === 0) return null;
  return html`<h3>${label}</h3>
    ${table({
      label,
      columns: [{ name: what }, { name: field }, { name: 'Records', isNumber: true }],
      rows: items.map((item) => [
        nameOf(item),
        item.path === '' ? 'the record' : item.path,
        formatCount(item.count),
      ]),
    })}`;
}
