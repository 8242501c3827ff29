import { failure } from '../../base/errors.js';
import { writePath } from '../../base/json-values.js';
import type { FoundNested } from '../../draft/collect-leaves.js';
import type { PaginationKeys } from '../../draft/find-pagination.js';
import { toName } from '../../draft/names.js';
import type { FieldPlan, PlannedLeaf } from '../../draft/plan-draft.js';
import { addLeaf, planNested } from '../../draft/plan-nested.js';
import type { DraftDataset } from '../../draft/write-draft.js';
import type { PlacedSample } from './place-samples.js';
import type { SampleRequest } from './sample-request.js';
import type { ReadSample } from './take-sample.js';

/** A sample, and what was read of it. */
export interface Taken {
  readonly placed: PlacedSample;
  readonly read: ReadSample;
}

export interface PlannedDataset extends Taken {
  readonly fields: FieldPlan;
  readonly nested: readonly FoundNested[];
}

/** A dataset of the draft, and the number of its records in the sample. */
export interface Placed {
  readonly dataset: DraftDataset;
  readonly count: number;
}

interface Placing {
  /** Base URL of the definition. */
  readonly own: string;
  readonly request: SampleRequest;
  readonly noPeople: boolean;
}

/** All datasets of a draft. @param known names of datasets of the project, which get those of the draft */
export function placeDatasets(
  planned: readonly PlannedDataset[],
  known: Set<string>,
  placing: Placing,
): readonly Placed[] {
  for (const { placed } of planned) known.add(placed.name);
  return planned.flatMap((dataset) => placeAll(addParent(dataset, planned), known, placing));
}

/** Adds the fields of the parent that the path names, with the treatment that they have there. */
function addParent(planned: PlannedDataset, all: readonly PlannedDataset[]): PlannedDataset {
  const { parent } = planned.placed;
  if (parent === null) return planned;
  const known = all.find(({ placed }) => placed.name === parent.dataset)?.fields.leaves ?? [];
  const fields = parent.fields.reduce((plan, path) => {
    const leaf = known.find((other) => writePath(other.path) === writePath(path));
    if (leaf === undefined) throw failure('E_DRAFT', describeUnknown(parent.dataset, known));
    const { column } = leaf;
    const name =
      column === null ? null : { ...column, name: toName(`${parent.dataset} ${column.name}`) ?? column.name };
    const isRequired = leaf.schema['x-on-invalid'] === undefined;
    return addLeaf(plan, {
      ...leaf,
      path: [parent.dataset, ...path],
      column: name,
      isRequired,
      question: null,
    });
  }, planned.fields);
  return { ...planned, fields };
}

function describeUnknown(dataset: string, known: readonly PlannedLeaf[]): { why: string; fix: string } {
  const names = known.map(({ path }) => writePath(path)).join(', ');
  return { why: `${dataset} has no such field`, fix: `name one of its fields in the URL: ${names}` };
}

/** A dataset, and those of the lists and maps in its records. */
function placeAll(
  planned: PlannedDataset,
  known: Set<string>,
  { own, request, noPeople }: Placing,
): readonly Placed[] {
  const { read, nested } = planned;
  const dataset = placeDataset(planned, own, request);
  const facts = { isPartial: !read.hasLast, noPeople };
  const left = [...dataset.fields.left];
  const below = nested.flatMap((found): Placed[] => {
    const plan = planNested(found, dataset, facts, known);
    if (plan === null) {
      left.push({ why: found.kind === 'list' ? 'array' : 'keyed', path: found.path });
      return [];
    }
    known.add(plan.name);
    const { name, fields, count, explode } = plan;
    const inner = { ...dataset, name, fields, nested: { ...explode, of: plan.of } };
    return [{ dataset: inner, count }];
  });
  const whole = { ...dataset, fields: { ...dataset.fields, left } };
  return [{ dataset: whole, count: read.records.length }, ...below];
}

function placeDataset(
  { placed, read, fields }: PlannedDataset,
  sourceUrl: string,
  request: SampleRequest,
): DraftDataset {
  const { name, baseUrl, path, url } = placed;
  return {
    name,
    path,
    fields,
    format: read.format,
    pagination: read.pagination,
    baseUrl: baseUrl === sourceUrl ? null : baseUrl,
    query: url === null ? new Map() : withoutParameters(request.query, read.pagination.keys),
    body: url === null ? null : request.body,
    records: read.found.path,
    keyed: read.found.keyed,
    nested: null,
    parent: placed.parent?.dataset ?? null,
  };
}

/** Parameters of a page are set by `pagination`. */
function withoutParameters(query: SampleRequest['query'], keys: PaginationKeys): SampleRequest['query'] {
  const taken = Object.entries(keys).flatMap(([key, value]) => (key.endsWith('_param') ? value : []));
  return new Map([...query].filter(([name]) => !taken.includes(name)));
}
