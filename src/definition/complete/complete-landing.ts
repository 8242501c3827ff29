import { normalizePath } from '../../base/json-values.js';
import type { LandingColumn, Leaf, PiiClass, TreatmentParams } from '../../base/types/definition.js';
import type { TreatmentObjection, TreatmentSpec } from '../../base/types/treatment-spec.js';
import { CLASSES } from '../contract-shape.js';
import { type ColumnForm, PATHS } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { addIssues } from '../read/issues.js';
import { type Problems, suggest } from '../read/problems.js';

export type Treatments = ReadonlyMap<string, TreatmentSpec>;

/** Reserved columns of the staged files. */
const OWN_COLUMNS = ['page', 'position'];

/** Keys of every column; all others are parameters of the treatment. */
const COMMON_KEYS = ['from', 'part', 'treat', 'each', 'raw_only', 'reviewed'];

/** The context in which a column is validated. */
export interface Bench {
  readonly leaves: ReadonlyMap<string, Leaf>;
  readonly treatments: Treatments;
  readonly problems: Problems;
}

/** The landing columns in order; invalid columns are left out and added to `problems`. */
export function completeLanding(
  landing: Readonly<Record<string, ColumnForm>>,
  at: Path,
  bench: Bench,
): LandingColumn[] {
  const entries = Object.entries(landing);
  if (entries.length === 0) bench.problems.add(at, '`landing` is empty', 'add a column to `landing`');
  return entries.flatMap(([name, form]) => completeColumn(name, form, [...at, name], bench) ?? []);
}

export function completeColumn(name: string, form: ColumnForm, at: Path, bench: Bench): LandingColumn | null {
  const { problems } = bench;
  if (OWN_COLUMNS.includes(name)) {
    problems.add(at, `\`${name}\` is a reserved column name`, 'rename the column');
  }
  const spec = findTreatment(form, at, bench);
  const part = form.part ?? null;
  const isEach = form.each !== undefined;
  const whole = findLeaves(form.from, [...at, 'from'], bench, isEach);
  const from = whole === null || part === null ? whole : takePart(whole, at, problems);
  if (spec === null || from === null) return null;
  const params = readParams(form, spec, at, problems);
  if (params === null || !checkInputs(spec, from, at, problems)) return null;
  const reviewed = form.reviewed ?? null;
  const all = addLeaves(spec, from, params, at, bench);
  if (all === null) return null;
  assertTreatment(spec, all, params, { reviewed, isEach }, at, problems);
  const type = spec.outputType(from, params);
  if (isEach && from.length > 1) {
    problems.add([...at, 'from'], '`each` requires exactly one list', 'use one list in `from`');
  }
  return {
    name,
    from: all,
    part,
    treatment: spec.name,
    params,
    class: strictestOf(from),
    each: isEach,
    type: isEach ? `${type}[]` : type,
    rawOnly: form.raw_only,
    reviewed,
  };
}

/** The treatment of a column, or of each element of its list; null if it has none, with the reason in `problems`. */
function findTreatment(form: ColumnForm, at: Path, { treatments, problems }: Bench): TreatmentSpec | null {
  const { treat, each } = form;
  const name = treat ?? each;
  if (name === undefined) {
    const known = `one of ${[...treatments.keys()].join(', ')}`;
    problems.add([...at, 'treat'], '`treat` is missing', `add \`treat: …\`: ${known}`);
    return null;
  }
  if (treat !== undefined && each !== undefined) {
    problems.add([...at, 'each'], '`treat` and `each` cannot be used together', 'set only one of them');
  }
  const spec = treatments.get(name);
  if (spec !== undefined) return spec;
  const key = treat === undefined ? 'each' : 'treat';
  problems.add([...at, key], 'unknown treatment', suggest(name, [...treatments.keys()]));
  return null;
}

/**
 * The leaf that describes a part of a text: a word of the text need not match its enum or pattern, and a text without words
 * has no part.
 */
function takePart(from: readonly Leaf[], at: Path, problems: Problems): readonly Leaf[] | null {
  const [leaf] = from;
  if (from.length === 1 && leaf?.type === 'VARCHAR') return [{ ...leaf, bound: null, required: false }];
  const what = from.length > 1 ? '`part` requires exactly one leaf' : `${leaf?.path ?? ''} is not text`;
  problems.add([...at, 'part'], what, 'use one leaf of `type: string` in `from`, or remove `part`');
  return null;
}

/** The leaves of `from` and of the parameter that names leaves. */
function addLeaves(
  { leafParameter }: TreatmentSpec,
  from: readonly Leaf[],
  params: TreatmentParams,
  at: Path,
  bench: Bench,
): readonly Leaf[] | null {
  if (leafParameter === undefined) return from;
  const place = [...at, leafParameter];
  const more = findLeaves(PATHS.parse(params[leafParameter]), place, bench, false);
  if (more === null) return null;
  if (!more.some((leaf) => from.includes(leaf))) return [...from, ...more];
  bench.problems.add(place, 'duplicate leaf', 'use leaves that are not in `from`');
  return null;
}

/** @param isEach the leaves must be lists; else they must not be */
function findLeaves(
  from: ColumnForm['from'],
  at: Path,
  { leaves, problems }: Bench,
  isEach: boolean,
): readonly Leaf[] | null {
  const found: Leaf[] = [];
  for (const [index, path] of [from].flat().entries()) {
    const place = typeof from === 'string' ? at : [...at, index];
    const leaf = leaves.get(normalizePath(path));
    if (leaf === undefined) addUnknownLeaf(path, place, leaves, problems);
    else if (leaf.many === 'map') {
      const fix = 'add `explode` with the path of the map to land its entries as rows, or drop the map';
      problems.add(place, `${leaf.path} has many values in a record`, fix);
    } else if ((leaf.many === 'list') !== isEach) {
      const [what, fix] = isEach
        ? ['is not a list', 'write `treat` in place of `each`']
        : ['is a list', 'write `each: …` in place of `treat: …`, or explode the list'];
      problems.add(place, `${leaf.path} ${what}`, fix);
    } else if (found.includes(leaf)) problems.add(place, 'duplicate leaf', 'remove one of them');
    else found.push(leaf);
  }
  return found.length === [from].flat().length ? found : null;
}

/** Reports a path that is not a leaf, unless the contract has a problem there. */
export function addUnknownLeaf(
  path: string,
  place: Path,
  leaves: ReadonlyMap<string, Leaf>,
  problems: Problems,
): void {
  const inner = path.split('.').flatMap((segment) => ['properties', segment]);
  if (problems.isHidden([...place.slice(0, 2), 'contract', 'schema', ...inner])) return;
  problems.add(place, 'unknown leaf', suggestLeaf(path, leaves));
}

/** The remedy for a path that is not a leaf. */
function suggestLeaf(path: string, leaves: ReadonlyMap<string, Leaf>): string {
  const inner = [...leaves.keys()].filter((known) => known.startsWith(`${normalizePath(path)}.`));
  return inner.length > 0
    ? `this is an object; use its leaves: ${inner.join(', ')}`
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
  const context = { form: spec.params, data: given, base: at, origins: new Map() };
  addIssues(result.error.issues, context, problems);
  return null;
}

function checkInputs(spec: TreatmentSpec, from: readonly Leaf[], at: Path, problems: Problems): boolean {
  const { min, max } = spec.inputs;
  if (from.length < min || from.length > max) {
    const count = min === max ? String(min) : max === Infinity ? `${min} or more` : `${min} to ${max}`;
    problems.add(
      [...at, 'from'],
      `treatment ${spec.name} requires ${count} leaves`,
      `list ${count} in \`from\``,
    );
    return false;
  }
  const misfit = from.find((leaf) => !spec.accepts(leaf.type));
  if (misfit === undefined) return true;
  const what = `treatment ${spec.name} does not support ${misfit.path}, which is ${misfit.type}`;
  problems.add([...at, 'from'], what, 'choose another treatment or correct the type in the schema');
  return false;
}

function assertTreatment(
  spec: TreatmentSpec,
  from: readonly Leaf[],
  params: Readonly<Record<string, unknown>>,
  { reviewed, isEach }: { readonly reviewed: string | null; readonly isEach: boolean },
  at: Path,
  problems: Problems,
): void {
  for (const objection of [objectToKeeping(spec, from), spec.objection(from, params)]) {
    if (objection === null || (objection.kind === 'review' && reviewed !== null)) continue;
    const fix =
      objection.kind === 'review'
        ? 'choose a stricter treatment, or add `reviewed: "<why this is acceptable>"`'
        : 'choose another treatment or other parameters';
    problems.add([...at, isEach ? 'each' : 'treat'], `column ${String(at.at(-1))}: ${objection.why}`, fix);
  }
}

function strictestOf(leaves: readonly Leaf[]): PiiClass {
  return CLASSES.find((known) => leaves.some((leaf) => leaf.class === known)) ?? 'direct';
}

/**
 * A leaf may be kept only if it is bounded and neither direct nor sensitive; any other leaf needs `reviewed`. The rule is
 * here and not in the treatments, so that it applies to all of them.
 */
function objectToKeeping({ keeps }: TreatmentSpec, leaves: readonly Leaf[]): TreatmentObjection | null {
  if (keeps === 'never') return null;
  for (const { class: pii, path, bound } of leaves) {
    if (pii === 'direct' || pii === 'sensitive')
      return { kind: 'review', why: `${path} is ${pii} and would be kept` };
    if (bound === null) {
      const bounds =
        'an enum, a date or uuid, an anchored finite pattern that matches no personal text, or an integer range';
      return { kind: 'review', why: `${path} would be kept, but it has no bound (${bounds})` };
    }
  }
  return null;
}
