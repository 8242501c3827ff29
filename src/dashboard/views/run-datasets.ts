import { formatBytes, formatCount } from '../../base/text/numbers.js';
import type { DatasetResult } from '../../base/types/run-record.js';
import { formatShare } from '../figures.js';
import { type Content, html } from '../markup.js';
import { table } from './table.js';

interface Fact {
  readonly name: string;
  readonly tell: (dataset: DatasetResult) => string;
  /** Left out where it holds for no dataset of the run. */
  readonly isTold?: (dataset: DatasetResult) => boolean;
}

const FACTS: readonly Fact[] = [
  { name: 'Fetched', tell: ({ fetched }) => formatCount(fetched) },
  { name: 'Landed', tell: ({ landed }) => formatCount(landed) },
  { name: 'Refused', tell: ({ rejected }) => formatCount(rejected) },
  { name: 'Duplicates', tell: ({ duplicates }) => formatCount(duplicates) },
  { name: 'Forgotten', tell: ({ forgotten }) => formatCount(forgotten) },
  { name: 'Empty lists', tell: ({ empty }) => formatCount(empty), isTold: ({ empty }) => empty > 0 },
  { name: 'Files', tell: describeFiles },
  {
    name: 'Singled out in the raw zone',
    tell: ({ singled_out: share }) => (share === null ? '–' : formatShare(share)),
    isTold: ({ singled_out: share }) => share !== null,
  },
];

const SUM = 'What was fetched is what landed, was refused, was a duplicate or was forgotten.';

/** What became of the records of each dataset: one line each, and below what was refused, nulled or new of any. */
export function writeDatasets(datasets: readonly DatasetResult[]): Content {
  if (datasets.length === 0) return null;
  const facts = FACTS.filter(({ isTold }) => isTold === undefined || datasets.some(isTold));
  return html`<section>
    <h2>Datasets</h2>
    ${table({
      label: 'Datasets',
      columns: [{ name: 'Dataset' }, ...facts.map(({ name }) => ({ name, isNumber: true }))],
      rows: datasets.map((dataset) => [dataset.dataset, ...facts.map(({ tell }) => tell(dataset))]),
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
  return [`The same bytes${of} had landed before: nothing was moved.`];
}

function writeOddities({ dataset, rejects, nulled, drift }: DatasetResult): Content {
  return [
    writeCounts(`Refused records of ${dataset}`, ['Reason', 'Field'], rejects, ({ code }) => code),
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
