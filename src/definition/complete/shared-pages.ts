import type { DatasetDefinition } from '../../base/types/definition.js';
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
 * Adds to each dataset the leaves of the datasets that share its responses. A shared leaf must have one type, because it is
 * read once.
 */
export function shareLeaves(datasets: readonly DatasetDefinition[], problems: Problems): DatasetDefinition[] {
  return datasets.map((dataset, index) => {
    const owner = dataset.of ?? dataset.name;
    const others = datasets.filter((other) => other !== dataset && (other.of ?? other.name) === owner);
    for (const other of others.filter((known) => datasets.indexOf(known) < index)) {
      checkTypes(dataset, other, problems);
    }
    const leaves = others.flatMap(({ contract }) => [...contract.leaves.values()]);
    const elsewhere = new Set(leaves.flatMap(({ segments }) => listPrefixes(segments)));
    return { ...dataset, contract: { ...dataset.contract, elsewhere } };
  });
}

function checkTypes(dataset: DatasetDefinition, other: DatasetDefinition, problems: Problems): void {
  for (const leaf of dataset.contract.leaves.values()) {
    const type = other.contract.leaves.get(leaf.path)?.type;
    if (type === undefined || type === leaf.type) continue;
    const inner = leaf.segments.flatMap((segment) => ['properties', segment]);
    const what = `${leaf.path} is ${leaf.type} here and ${type} in ${other.name}, which reads the same responses`;
    problems.add(
      ['datasets', dataset.name, 'contract', 'schema', ...inner],
      what,
      'use the same type in both',
    );
  }
}

function listPrefixes(segments: readonly string[]): string[] {
  return segments.map((_, i) => segments.slice(0, i + 1).join('.'));
}
