import type { PiiClass } from '../base/types/definition.js';
import type { FoundLeaf, JsonObject, LeftOut } from './collect-leaves.js';
import { classifyLeaf, type Form, formOf } from './leaf-form.js';
import { describeForm, findMembers } from './leaf-schema.js';
import type { Kind } from './name-kinds.js';
import { nameColumns, scopeOf } from './names.js';
import { findMoment, findWritten, type ReadMoment } from './read-moment.js';
import { askForList, proposeForThings, proposeTreatment } from './propose-treatment.js';

type Keywords = Readonly<Record<string, string | number | boolean>>;

/** One leaf of the draft; contains no values except the members of a closed list. */
export interface PlannedLeaf {
  readonly path: readonly string[];
  readonly kind: Kind | null;
  readonly class: PiiClass;
  readonly schema: Keywords;
  readonly members: readonly string[] | null;
  readonly isRequired: boolean;
  /** A list of scalars, whose elements are treated. */
  readonly isList: boolean;
  /** Name and treatment of its column; null if it is dropped. */
  readonly column: { readonly name: string; readonly keys: Keywords } | null;
  readonly question: string | null;
}

/** The plan of a draft. */
export interface FieldPlan {
  readonly leaves: readonly PlannedLeaf[];
  readonly nullable: ReadonlySet<string>;
  readonly left: readonly LeftOut[];
  /** The column that identifies a record, or null. */
  readonly primaryKey: string | null;
}

/** From this many records on, a field that all of them have is required. */
const ENOUGH = 20;
/** Reserved column names of the loader. */
const OWN_NAMES = ['page', 'position'];

interface ClassifiedLeaf {
  readonly leaf: FoundLeaf;
  readonly form: Form;
  readonly kind: Kind | null;
  /** How it is read, if it is not written as RFC 3339 has it. */
  readonly moment: ReadMoment | null;
}

/** What is known of the sample as a whole. */
export interface SampleFacts {
  /** Number of records. */
  readonly records: number;
  /** The source has more records, and the last ones are unknown: fields and lists may be incomplete. */
  readonly isPartial: boolean;
  /** The user says that the records are not about people. */
  readonly noPeople: boolean;
}

/** Plans every field of the records. Deterministic: the same records give the same plan. */
export function planFields(
  { leaves, nullable, left }: Pick<JsonObject, 'leaves' | 'nullable' | 'left'>,
  dataset: string,
  { records, isPartial, noPeople }: SampleFacts,
): FieldPlan {
  const classified = leaves.map((leaf) => {
    const written = formOf(leaf);
    const own = written === 'text' && !leaf.isMixed ? findWritten(leaf) : null;
    const form = own?.form ?? written;
    const kind = classifyLeaf(leaf, form);
    const moment = leaf.isMixed ? null : (own ?? findMoment(leaf, form, kind));
    return { leaf, form: moment?.form ?? form, kind, moment };
  });
  const persons = collectPersons(classified);
  const shown = classified.filter(
    ({ leaf }) => !leaf.segments.some((name) => persons.has(name.toLowerCase())),
  );
  const hidden = shown.length < classified.length ? [{ why: 'names', path: [] } as const] : [];
  const key = findKey(shown, records);
  const names = nameColumns(shown.map(({ leaf }) => leaf.segments));
  const planned = shown.map((item, i) =>
    planLeaf(item, names[i] ?? null, dataset, {
      mayBeRequired: item === key || (records >= ENOUGH && !isPartial),
      isPartial,
      noPeople,
    }),
  );
  return {
    leaves: landSomething(planned, names),
    nullable,
    left: [...left, ...hidden],
    primaryKey: planned[key === null ? -1 : shown.indexOf(key)]?.column?.name ?? null,
  };
}

/** An object key that equals a person's name or address in a record is that person. */
function collectPersons(classified: readonly ClassifiedLeaf[]): ReadonlySet<string> {
  const persons = classified.filter(
    ({ kind, form }) => form === 'text' && (kind === 'person' || kind === 'email'),
  );
  return new Set(persons.flatMap(({ leaf }) => leaf.values.map((value) => String(value).toLowerCase())));
}

function planLeaf(
  { leaf, form, kind, moment }: ClassifiedLeaf,
  name: string | null,
  dataset: string,
  facts: Pick<SampleFacts, 'isPartial' | 'noPeople'> & { readonly mayBeRequired: boolean },
): PlannedLeaf {
  const listed = leaf.isList || leaf.isMixed ? null : findMembers(leaf, form, kind);
  const members = facts.isPartial ? null : listed;
  const own = leaf.segments.at(-1) ?? '';
  const subject = { name: own, kind, form, isListed: members !== null };
  const proposal =
    (facts.noPeople ? proposeForThings(subject) : null) ??
    (listed !== null && members === null ? askForList(proposeTreatment(subject)) : proposeTreatment(subject));
  const { treatment } = proposal;
  const scope = treatment?.['treat'] === 'token' ? { scope: scopeOf(leaf.segments, dataset) } : {};
  const canLand = name !== null && !OWN_NAMES.includes(leaf.segments.join('.').toLowerCase());
  const isHidden = treatment === null || !canLand || treatment['treat'] === 'redact';
  const isText: Keywords = leaf.isMixed ? { 'x-as-text': true } : {};
  // What does not land need not be read, so that no record is rejected for it.
  const read = isHidden && typeof leaf.values[0] === 'string' ? { type: 'string' } : moment?.schema;
  const schema: Keywords =
    moment === null ? { ...describeForm(leaf, form, kind, isHidden), ...isText } : (read ?? moment.schema);
  return {
    path: leaf.segments,
    kind,
    class: proposal.class,
    schema,
    members,
    isList: leaf.isList,
    isRequired: facts.mayBeRequired && leaf.isAlways && schema['x-on-invalid'] === undefined,
    column: treatment === null || !canLand ? null : { name, keys: { ...treatment, ...scope } },
    question:
      (isHidden ? null : moment?.question) ??
      proposal.question ??
      (leaf.isMixed ? 'its values are of several types and are read as text; is that right?' : null),
  };
}

/** The first id that is present and unique in all records; `id` itself comes first. */
function findKey(classified: readonly ClassifiedLeaf[], records: number): ClassifiedLeaf | null {
  const keys = classified.filter(
    ({ leaf, kind, form }) =>
      kind === 'id' &&
      form !== 'boolean' &&
      !leaf.isList &&
      leaf.isAlways &&
      leaf.values.length === records &&
      new Set(leaf.values).size === records,
  );
  const isOwn = ({ leaf }: ClassifiedLeaf): boolean => /^_?(?:id|uuid|guid)$/i.test(leaf.segments.join('.'));
  // In a single record every field is unique.
  return keys.find(isOwn) ?? (records > 1 ? (keys[0] ?? null) : null);
}

/** A dataset without columns does not load: if every leaf is dropped, land the first one redacted. */
function landSomething(
  leaves: readonly PlannedLeaf[],
  names: readonly (string | null)[],
): readonly PlannedLeaf[] {
  if (leaves.some(({ column }) => column !== null)) return leaves;
  const at = names.findIndex((name) => name !== null);
  return leaves.map((leaf, i) => {
    const name = names[i] ?? null;
    return i === at && name !== null ? { ...leaf, column: { name, keys: { treat: 'redact' } } } : leaf;
  });
}
