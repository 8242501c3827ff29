import type { FoundLeaf } from './collect-leaves.js';
import { singular, toName } from './names.js';
import type { FieldPlan, PlannedLeaf } from './plan-draft.js';

/** A dataset that a field may refer to. */
export interface ReferredDataset {
  readonly name: string;
  /** Token scope of its primary key; null if that is not a token, and nothing can join it. */
  readonly scope: string | null;
  /** Values of its primary key in the sample; null if there is no sample. */
  readonly keys: ReadonlySet<string> | null;
  /** Its records are people. */
  readonly hasPeople: boolean;
}

/** Words for people by what they do; such an id refers to whichever dataset holds people. */
const ROLE =
  /^(?:.*_)?(?:manager|supervisor|boss|lead|leader|head|owner|assignee|reporter|author|creator|approver|reviewer|mentor|coach|sponsor|agent|contact|responsible|requester|recipient|sender|parent|person|user|employee|member|staff|worker|created_by|updated_by|approved_by|reports_to)$/;
const PEOPLE =
  /^(?:person|people|employee|user|member|staff|worker|customer|contact|patient|student|teacher)s?$/;

/** A dataset of a draft, as a target of references. */
export function describeReferred(
  name: string,
  plan: FieldPlan,
  leaves: readonly FoundLeaf[],
): ReferredDataset {
  const key = plan.leaves.find(({ column }) => column !== null && column.name === plan.primaryKey);
  const values = leaves.find(({ segments }) => isSamePath(segments, key?.path ?? []))?.values ?? [];
  return {
    name,
    scope: readScope(key),
    keys: new Set(values.map(String)),
    hasPeople: PEOPLE.test(name) || plan.leaves.some(({ kind }) => kind === 'email' || kind === 'birth'),
  };
}

/** The same for a dataset of an existing definition; `scope` is that of its key, null if the key is not a token. */
export function describeKnown(name: string, scope: string | null): ReferredDataset {
  return { name, scope, keys: null, hasPeople: PEOPLE.test(name) };
}

/**
 * Gives ids that seem to refer to a dataset the token scope of its key, so that they join, and asks whether that is true.
 * `department_id` refers by its name; a role such as `manager_id` also by its values.
 * @param own the name of the dataset
 */
export function linkFields(
  plan: FieldPlan,
  own: string,
  leaves: readonly FoundLeaf[],
  datasets: readonly ReferredDataset[],
): FieldPlan {
  const ordered = datasets
    .filter(({ scope }) => scope !== null)
    .sort((a, b) => Number(b.name === own) - Number(a.name === own));
  const linked = plan.leaves.map((leaf) => {
    const { column } = leaf;
    const scope = readScope(leaf);
    if (column === null || scope === null || column.name === plan.primaryKey) return leaf;
    const values = leaves.find(({ segments }) => isSamePath(segments, leaf.path))?.values ?? [];
    const target = findTarget(scope, values.map(String), ordered);
    if (target === null || target.scope === null) return leaf;
    const question = `does it refer to ${target.name}? Then it has the same tokens, by scope ${target.scope}; if not, write another scope.`;
    return { ...leaf, column: { ...column, keys: { ...column.keys, scope: target.scope } }, question };
  });
  return { ...plan, leaves: linked };
}

function findTarget(
  scope: string,
  values: readonly string[],
  datasets: readonly ReferredDataset[],
): ReferredDataset | null {
  const named = datasets.find(({ name, scope: key }) => singular(name) === scope || key === scope);
  if (named !== undefined) return named;
  if (!ROLE.test(scope)) return null;
  const people = datasets.filter(({ hasPeople }) => hasPeople);
  // Without values or without a sample of the target, only the name speaks for it.
  const fits = ({ keys }: ReferredDataset): boolean =>
    keys === null || values.every((value) => keys.has(value));
  return people.find(fits) ?? (people.length === 1 ? (people[0] ?? null) : null);
}

function readScope(leaf: PlannedLeaf | undefined): string | null {
  const keys = leaf?.column?.keys;
  return keys?.['treat'] === 'token' && typeof keys['scope'] === 'string' ? toName(keys['scope']) : null;
}

function isSamePath(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((step, i) => step === other[i]);
}
