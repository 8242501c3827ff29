import { writePath } from '../../base/json-values.js';
import { findInRecord, readsAsText } from '../../base/record-steps.js';
import type { DatasetDefinition, Leaf } from '../../base/types/definition.js';
import type { DatasetForm, RequestForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { type Problems, suggest } from '../read/problems.js';

/** A dataset with a known request: its own or that of the dataset named by `of`. */
export interface OwnedForm extends DatasetForm {
  readonly time: NonNullable<DatasetForm['time']>;
  readonly request: RequestForm;
}

type Forms = Readonly<Record<string, DatasetForm>>;

/** The request of a dataset; null if it has none, with the reason in `problems`. */
export function findOwned(name: string, forms: Forms, problems: Problems): OwnedForm | null {
  const form = forms[name];
  if (form === undefined) return null;
  const at = ['datasets', name];
  if (form.of === undefined) return readOwn(form, at, problems);
  for (const key of ['time', 'slot', 'request'] as const) {
    if (form[key] === undefined) continue;
    problems.add([...at, key], `\`${key}\` comes from ${form.of}, which \`of\` names`, 'remove it');
  }
  const known = Object.keys(forms).filter((other) => forms[other]?.of === undefined);
  const owner = known.includes(form.of) ? forms[form.of] : undefined;
  if (owner?.time !== undefined && owner.request !== undefined) {
    const { time, slot, request } = owner;
    return { ...form, time, slot, request };
  }
  if (owner === undefined && !problems.isHidden(['datasets', form.of, 'request'])) {
    problems.add([...at, 'of'], '`of` must name a dataset with its own request', suggest(form.of, known));
  }
  return null;
}

const WANTED = { time: 'one of by_date, snapshot, seeded', request: 'a mapping' };

function readOwn(form: DatasetForm, at: Path, problems: Problems): OwnedForm | null {
  const { time, request } = form;
  for (const key of ['time', 'request'] as const) {
    if (form[key] !== undefined) continue;
    problems.add([...at, key], `\`${key}\` is missing`, `add \`${key}: …\`: ${WANTED[key]}; or \`of: …\``);
  }
  return time === undefined || request === undefined ? null : { ...form, time, request };
}

/**
 * Adds to each dataset the leaves of the datasets that share its records. A shared leaf must have one type, because it is
 * read once.
 */
export function shareLeaves(datasets: readonly DatasetDefinition[], problems: Problems): DatasetDefinition[] {
  return datasets.map((dataset, index) => {
    const owner = dataset.of ?? dataset.name;
    const others = datasets.filter(
      (other) => other !== dataset && (other.of ?? other.name) === owner && isSamePlace(dataset, other),
    );
    for (const other of others.filter((known) => datasets.indexOf(known) < index)) {
      checkTypes(dataset, other, problems);
    }
    const elsewhere = new Set(others.flatMap(listRecordPaths).flatMap(listPrefixes));
    return { ...dataset, contract: { ...dataset.contract, elsewhere } };
  });
}

function isSamePlace({ place }: DatasetDefinition, other: DatasetDefinition): boolean {
  return JSON.stringify(place) === JSON.stringify(other.place);
}

function checkTypes(dataset: DatasetDefinition, other: DatasetDefinition, problems: Problems): void {
  const types = new Map(
    [...other.contract.leaves.values()].map((leaf) => [keyOf(leaf, other), describeType(leaf)] as const),
  );
  for (const leaf of dataset.contract.leaves.values()) {
    const type = types.get(keyOf(leaf, dataset));
    if (type === undefined || type === describeType(leaf)) continue;
    const inner = leaf.segments.flatMap((segment) => ['properties', segment]);
    const what = `${leaf.path} is ${describeType(leaf)} here and ${type} in ${other.name}, which reads the same responses`;
    problems.add(
      ['datasets', dataset.name, 'contract', 'schema', ...inner],
      what,
      'use the same type in both',
    );
  }
}

function describeType(leaf: Leaf): string {
  return readsAsText(leaf) ? `${leaf.type} with \`x-as-text\`` : leaf.type;
}

/** Where a leaf stands in a record, as a text. */
function keyOf(leaf: Leaf, { explode }: DatasetDefinition): string {
  return JSON.stringify(findInRecord(leaf, explode));
}

/** Paths of the leaves in a record, as far as they are names. */
function listRecordPaths({ contract, explode }: DatasetDefinition): readonly (readonly string[])[] {
  return [...contract.leaves.values()].map((leaf) => {
    const steps = findInRecord(leaf, explode);
    const end = steps.indexOf(null);
    return (end < 0 ? steps : steps.slice(0, end)).filter((step) => step !== null);
  });
}

function listPrefixes(segments: readonly string[]): string[] {
  return segments.map((_, i) => writePath(segments.slice(0, i + 1)));
}
