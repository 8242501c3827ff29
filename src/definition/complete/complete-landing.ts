import type { LandingColumn, Leaf, PiiClass, TreatmentParams } from '../../base/types/definition.js';
import type { TreatmentObjection, TreatmentSpec } from '../../base/types/treatment-spec.js';
import { CLASSES } from '../contract-shape.js';
import { type ColumnForm, PATHS } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { addIssues } from '../read/issues.js';
import { type Problems, suggest } from '../read/problems.js';

export type Treatments = ReadonlyMap<string, TreatmentSpec>;

/** Columns of the staged files that are ours. */
const OWN_COLUMNS = ['page', 'position'];

/** Keys that every column has; the others are the treatment's. */
const COMMON_KEYS = ['from', 'part', 'treat', 'raw_only', 'reviewed'];

/** What one column is judged against. */
interface Bench {
  readonly leaves: ReadonlyMap<string, Leaf>;
  readonly treatments: Treatments;
  readonly problems: Problems;
}

/** The landing columns in their order; a column that is wrong is left out, with the reason among the problems. */
export function completeLanding(
  landing: Readonly<Record<string, ColumnForm>>,
  at: Path,
  bench: Bench,
): LandingColumn[] {
  const entries = Object.entries(landing);
  if (entries.length === 0) bench.problems.add(at, 'nothing would land', 'add a column to `landing`');
  return entries.flatMap(([name, form]) => completeColumn(name, form, [...at, name], bench) ?? []);
}

function completeColumn(name: string, form: ColumnForm, at: Path, bench: Bench): LandingColumn | null {
  const { problems, treatments } = bench;
  if (OWN_COLUMNS.includes(name)) {
    problems.add(at, `\`${name}\` is a column of Lakeveil's own`, 'give the column another name');
  }
  const spec = treatments.get(form.treat);
  if (spec === undefined) {
    problems.add(
      [...at, 'treat'],
      'there is no treatment of that name',
      suggest(form.treat, [...treatments.keys()]),
    );
  }
  const part = form.part ?? null;
  const whole = findLeaves(form.from, [...at, 'from'], bench);
  const from = whole === null || part === null ? whole : takePart(whole, at, problems);
  if (spec === undefined || from === null) return null;
  const params = readParams(form, spec, at, problems);
  if (params === null || !checkInputs(spec, from, at, problems)) return null;
  const reviewed = form.reviewed ?? null;
  const all = addLeaves(spec, from, params, at, bench);
  if (all === null) return null;
  judge(spec, all, params, reviewed, at, problems);
  const type = spec.outputType(from, params);
  return {
    ...{ name, from: all, part, treatment: spec.name, params, class: strictestOf(from), type },
    rawOnly: form.raw_only,
    reviewed,
  };
}

/**
 * The leaf as its part is judged: a word of a text that fits an enum or a pattern need not fit it, and a text without
 * words has none.
 */
function takePart(from: readonly Leaf[], at: Path, problems: Problems): readonly Leaf[] | null {
  const [leaf] = from;
  if (from.length === 1 && leaf?.type === 'VARCHAR') return [{ ...leaf, bound: null, required: false }];
  const what = from.length > 1 ? 'a part is taken of one leaf' : `${leaf?.path ?? ''} is no text`;
  problems.add([...at, 'part'], what, 'name one leaf of `type: string` under `from`, or remove `part`');
  return null;
}

/** The leaves of `from`, and those that a parameter names. */
function addLeaves(
  { leafParameter }: TreatmentSpec,
  from: readonly Leaf[],
  params: TreatmentParams,
  at: Path,
  bench: Bench,
): readonly Leaf[] | null {
  if (leafParameter === undefined) return from;
  const place = [...at, leafParameter];
  const more = findLeaves(PATHS.parse(params[leafParameter]), place, bench);
  if (more === null) return null;
  if (!more.some((leaf) => from.includes(leaf))) return [...from, ...more];
  bench.problems.add(place, 'a leaf is met twice', 'name other leaves than those of `from`');
  return null;
}

function findLeaves(from: ColumnForm['from'], at: Path, { leaves, problems }: Bench): readonly Leaf[] | null {
  const found: Leaf[] = [];
  for (const [index, path] of [from].flat().entries()) {
    const place = typeof from === 'string' ? at : [...at, index];
    const leaf = leaves.get(path);
    if (leaf === undefined) problems.add(place, 'the schema has no such leaf', suggestLeaf(path, leaves));
    else if (found.includes(leaf)) problems.add(place, 'a leaf is met twice', 'remove one of the two');
    else found.push(leaf);
  }
  return found.length === [from].flat().length ? found : null;
}

/** What to type instead of a path that names no leaf. */
export function suggestLeaf(path: string, leaves: ReadonlyMap<string, Leaf>): string {
  const inner = [...leaves.keys()].filter((known) => known.startsWith(`${path}.`));
  return inner.length > 0
    ? `that is an object; name its leaves: ${inner.join(', ')}`
    : suggest(path, [...leaves.keys()]);
}

function readParams(
  form: ColumnForm,
  spec: TreatmentSpec,
  at: Path,
  problems: Problems,
): Readonly<Record<string, unknown>> | null {
  const given = Object.fromEntries(Object.entries(form).filter(([key]) => !COMMON_KEYS.includes(key)));
  const known = Object.keys(spec.params.shape);
  const unknown = Object.keys(given).filter((key) => !known.includes(key));
  for (const key of unknown) {
    const what = `treatment ${spec.name} has no parameter \`${key}\``;
    problems.add([...at, key], what, suggest(key, [...COMMON_KEYS, ...known]));
  }
  if (unknown.length > 0) return null;
  const result = spec.params.safeParse(given);
  if (result.success) return result.data;
  const judged = { form: spec.params, data: given, base: at, origins: new Map() };
  addIssues(result.error.issues, judged, problems);
  return null;
}

function checkInputs(spec: TreatmentSpec, from: readonly Leaf[], at: Path, problems: Problems): boolean {
  const { min, max } = spec.inputs;
  if (from.length < min || from.length > max) {
    const count = min === max ? String(min) : max === Infinity ? `${min} or more` : `${min} to ${max}`;
    problems.add(
      [...at, 'from'],
      `treatment ${spec.name} takes ${count} leaves`,
      `list ${count} under \`from\``,
    );
    return false;
  }
  const misfit = from.find((leaf) => !spec.accepts(leaf.type));
  if (misfit === undefined) return true;
  const what = `treatment ${spec.name} does not take ${misfit.path}, which is ${misfit.type}`;
  problems.add([...at, 'from'], what, 'choose another treatment, or correct the type in the schema');
  return false;
}

function judge(
  spec: TreatmentSpec,
  from: readonly Leaf[],
  params: Readonly<Record<string, unknown>>,
  reviewed: string | null,
  at: Path,
  problems: Problems,
): void {
  for (const objection of [objectToKeeping(spec, from), spec.objection(from, params)]) {
    if (objection === null || (objection.kind === 'review' && reviewed !== null)) continue;
    const fix =
      objection.kind === 'review'
        ? 'choose a treatment that hides more, or add `reviewed: "<why this is acceptable>"`'
        : 'choose another treatment, or other parameters';
    problems.add([...at, 'treat'], `column ${String(at.at(-1))}: ${objection.why}`, fix);
  }
}

function strictestOf(leaves: readonly Leaf[]): PiiClass {
  return CLASSES.find((known) => leaves.some((leaf) => leaf.class === known)) ?? 'direct';
}

/**
 * A leaf may be kept only if it is neither direct nor sensitive, and bounded; any other needs a reviewer's reason. The
 * rule stands here, beside the treatments' own, so that no treatment can forget it.
 */
function objectToKeeping({ keeps }: TreatmentSpec, leaves: readonly Leaf[]): TreatmentObjection | null {
  if (keeps === 'never') return null;
  for (const { class: pii, path, bound } of leaves) {
    if (pii === 'direct' || pii === 'sensitive')
      return { kind: 'review', why: `${path} is ${pii} and would be kept` };
    if (bound === null) {
      const bounds =
        'an enum, a date or uuid, an anchored finite pattern that no probe passes, or an integer range';
      return { kind: 'review', why: `${path} would be kept, but nothing bounds it (${bounds})` };
    }
  }
  return null;
}
