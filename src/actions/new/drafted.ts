import type { Terminal } from '../../base/config/config.js';
import { formatTable } from '../../base/terminal/table.js';
import { countOf } from '../../base/text/numbers.js';
import type { Kind } from '../../draft/name-kinds.js';
import type { PlannedLeaf } from '../../draft/plan-draft.js';
import type { DraftDataset } from '../../draft/write-draft.js';

interface DraftedField {
  readonly path: string;
  readonly class: string;
  /** Null if the field is dropped. */
  readonly treatment: string | null;
  readonly unsure: boolean;
}

export interface DraftedDataset {
  readonly name: string;
  readonly format: string;
  readonly records: number;
  readonly pagination: string;
  /** Fields that are about people, that are not, and of which nothing is known. */
  readonly found: { readonly personal: number; readonly other: number; readonly unknown: number };
  readonly fields: readonly DraftedField[];
}

/** What `new` prints: names, counts and choices, never a value of the sample. */
export interface DraftDocument {
  readonly pipeline: string;
  /** Relative to the project. */
  readonly file: string;
  /** Those of an existing definition are not listed. */
  readonly datasets: readonly DraftedDataset[];
  readonly questions: number;
  /** Sample files with raw values, as typed, and where in the project a file must be copied first. */
  readonly raw: readonly { readonly file: string; readonly copy_to: string | null }[];
}

export function describeDataset(dataset: DraftDataset, records: number): DraftedDataset {
  const { name, format, pagination, fields } = dataset;
  return {
    name,
    format,
    records,
    pagination: String(pagination.keys['type']),
    found: countKinds(fields.leaves),
    fields: fields.leaves.map((leaf) => ({
      path: leaf.path.join('.'),
      class: leaf.class,
      treatment: leaf.column === null ? null : String(leaf.column.keys['treat']),
      unsure: leaf.question !== null,
    })),
  };
}

function countKinds(leaves: readonly PlannedLeaf[]): DraftedDataset['found'] {
  const kinds = leaves.map(({ kind, class: pii, question }) => {
    if (kind === null && (pii !== 'none' || question !== null)) return 'unknown';
    return pii === 'none' || OTHER.includes(kind) ? 'other' : 'personal';
  });
  const count = (name: string): number => kinds.filter((kind) => kind === name).length;
  return { personal: count('personal'), other: count('other'), unknown: count('unknown') };
}

/** Kinds that say nothing of a person by themselves. */
const OTHER: readonly (Kind | null)[] = ['moment', 'count', 'money', 'fact'];

/** The choice for each field, the open questions and the next commands. */
export function formatDrafted(document: DraftDocument, terminal: Terminal): string {
  const { pipeline, file, datasets, questions, raw } = document;
  const copies = raw.flatMap(({ file: from, copy_to: to }) => (to === null ? [] : [{ from, to }]));
  return [
    `Drafted ${file} from ${countOf(sumOf(datasets), 'record')}.`,
    ...datasets.flatMap((dataset) => ['', ...formatDataset(dataset, datasets.length > 1, terminal)]),
    '',
    `Open questions in its comments: ${String(questions)}. The draft loads without edits, with the strictest choices. Next:`,
    '',
    ...copies.map(({ from, to }) => `  mkdir -p data && cp ${quote(from)} ${to}`),
    `  pipeline explain ${pipeline}`,
    `  pipeline ingest ${pipeline} --limit-pages 1    # dry run`,
    `  pipeline run ${pipeline}`,
    ...raw.map(({ file: from, copy_to: to }, i) => {
      const names = to === null ? `${from} contains` : `${from} and ${to} contain`;
      return `${i === 0 ? '\n' : ''}${names} raw values: delete ${to === null ? 'it' : 'them'} when no longer needed.`;
    }),
  ].join('\n');
}

function formatDataset(dataset: DraftedDataset, isNamed: boolean, terminal: Terminal): readonly string[] {
  const { name, fields, found } = dataset;
  const rows = fields.map(({ path, class: pii, treatment, unsure }) => [
    path,
    pii,
    treatment ?? 'dropped',
    unsure ? '?' : '',
  ]);
  const table = formatTable(['field', 'class', 'treatment', 'unsure'], rows, terminal);
  const { personal, other, unknown } = found;
  const summary = `Found: personal ${personal}, other ${other}, unknown ${unknown}.`;
  return [...(isNamed ? [`Dataset ${name}:`] : []), table, summary];
}

function sumOf(datasets: readonly DraftedDataset[]): number {
  return datasets.reduce((sum, { records }) => sum + records, 0);
}

/** A path as a shell takes it. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
