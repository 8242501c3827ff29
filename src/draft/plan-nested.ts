import { NAME } from '../base/names.js';
import { collectFields, type FoundNested } from './collect-leaves.js';
import { toName } from './names.js';
import { type FieldPlan, planFields, type PlannedLeaf, type SampleFacts } from './plan-draft.js';

/** A dataset of the elements of a list, or of the entries of an object with unknown keys. */
export interface NestedPlan {
  readonly name: string;
  /** The dataset whose records hold them. */
  readonly of: string;
  readonly explode: Exploded;
  readonly fields: FieldPlan;
  /** Number of elements in the sample. */
  readonly count: number;
}

export interface Exploded {
  readonly kind: FoundNested['kind'];
  readonly path: readonly string[];
}

/**
 * Plans a dataset of its own, whose rows have the key of the record that holds them, so that they join. Null if it would
 * have no columns, or if its name is taken.
 */
export function planNested(
  found: FoundNested,
  parent: { readonly name: string; readonly fields: FieldPlan },
  facts: Omit<SampleFacts, 'records'>,
  taken: ReadonlySet<string>,
): NestedPlan | null {
  const { kind, path, rows } = found;
  const name = `${parent.name}_${toName(path.at(-1) ?? '') ?? ''}`;
  if (!NAME.test(name) || taken.has(name)) return null;
  const own = kind === 'map' ? planEntries(found) : planElements(found, name, facts);
  if (!own.leaves.some(({ column }) => column !== null)) return null;
  const key = findKey(parent.fields);
  const nullable = new Set([...parent.fields.nullable, ...own.nullable]);
  const fields = key === null ? { ...own, nullable } : addLeaf({ ...own, nullable }, key);
  return { name, of: parent.name, explode: { kind, path }, fields, count: rows.length };
}

/** Adds a leaf of another record: its column, and its part in the key. */
export function addLeaf(fields: FieldPlan, leaf: PlannedLeaf): FieldPlan {
  const { column } = leaf;
  if (column === null) return { ...fields, leaves: [leaf, ...fields.leaves] };
  const taken = new Set(fields.leaves.map((other) => other.column?.name));
  const free = [column.name, ...[2, 3, 4].map((n) => `${column.name}_${String(n)}`)];
  const name = free.find((each) => !taken.has(each)) ?? column.name;
  const isKey = leaf.isRequired && fields.primaryKey !== null && column.keys['treat'] === 'token';
  return {
    ...fields,
    leaves: [{ ...leaf, column: { ...column, name } }, ...fields.leaves],
    primaryKey: isKey ? `${name}, ${fields.primaryKey}` : fields.primaryKey,
  };
}

function findKey({ leaves, primaryKey }: FieldPlan): PlannedLeaf | null {
  return leaves.find(({ column }) => column !== null && column.name === primaryKey) ?? null;
}

function planElements(
  { path, rows }: FoundNested,
  name: string,
  facts: Omit<SampleFacts, 'records'>,
): FieldPlan {
  const { leaves, nullable, left } = collectFields(rows);
  return planFields(
    {
      leaves: leaves.map((leaf) => ({ ...leaf, segments: [...path, ...leaf.segments] })),
      nullable: new Set([...nullable].map((inner) => [...path, inner].join('.'))),
      left: left.map((part) => ({ ...part, path: [...path, ...part.path] })),
    },
    name,
    { ...facts, records: rows.length },
  );
}

const KEYS =
  "are its keys names of fields, as those of custom fields? Then write `propertyNames: { pattern: '^[A-Za-z_]{1,60}$', x-pii: none }`, and `keep` in place of `redact`.";
const VALUES = 'what is it? Values of any type are read as text.';

/** Both may be anything, so that only their number lands. */
function planEntries({ path }: FoundNested): FieldPlan {
  const leaf = (part: 'key' | 'value', schema: PlannedLeaf['schema'], question: string): PlannedLeaf => ({
    path: [...path, part],
    kind: null,
    class: 'direct',
    schema,
    members: null,
    isRequired: part === 'key',
    isList: false,
    column: { name: part, keys: { treat: 'redact' } },
    question,
  });
  return {
    leaves: [
      leaf('key', { type: 'string' }, KEYS),
      leaf('value', { type: 'string', 'x-as-text': true }, VALUES),
    ],
    nullable: new Set(),
    left: [],
    primaryKey: null,
  };
}
