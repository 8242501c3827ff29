import type {
  DatasetDefinition,
  LandingColumn,
  Leaf,
  RequestDefinition,
} from '../../base/types/definition.js';
import type { DatasetForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { type Problems, suggest } from '../read/problems.js';
import { parseShare } from '../read/units.js';
import { completeChecks } from './checks.js';
import { completeContract } from './complete-contract.js';
import { completeLanding, suggestLeaf, type Treatments } from './complete-landing.js';
import { completeRequest, type RequestContext } from './complete-request.js';
import type { OwnedForm } from './shared-pages.js';

export interface DatasetContext {
  readonly request: RequestContext;
  /** The request of the dataset whose pages it shares; null where it has its own. */
  readonly shared: RequestDefinition | null;
  readonly treatments: Treatments;
  /** Treatments of landing columns by name, by dataset of the page. */
  readonly columnsOf: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** One dataset, complete; what is wrong goes to `problems`. */
export function completeDataset(
  name: string,
  form: OwnedForm,
  context: DatasetContext,
  problems: Problems,
): DatasetDefinition {
  const at = ['datasets', name];
  const request = context.shared ?? completeRequest(form, at, context.request, problems);
  const explode = form.explode ?? null;
  const contract = completeContract(form.contract, [...at, 'contract'], explode, problems);
  if (explode !== null && problems.first === null) checkExplode(explode, contract.leaves, at, problems);
  const { leaves } = contract;
  const bench = { leaves, treatments: context.treatments, problems };
  const neverKeys = new Set([...context.treatments].flatMap(([treat, spec]) => (spec.neverKey ? treat : [])));
  const landing = completeLanding(form.landing, [...at, 'landing'], bench);
  checkDrop(form, at, leaves, problems);
  checkColumns(landing, at, problems);
  checkPrimaryKey(form, landing, at, { neverKeys, problems });
  checkNulling(form, landing, context.treatments, at, problems);
  if (request.format === 'csv') checkFlat(leaves, at, problems);
  const about = { dataset: name, landing, columnsOf: context.columnsOf, neverKeys };
  const checks = completeChecks(form.checks, [...at, 'checks'], about, problems);
  // A mistyped path leaves its leaf undecided: the mistake is told, not what follows from it.
  if (problems.first === null) checkDecisions(form, at, leaves, problems);
  return {
    name,
    time: form.time,
    slot: form.slot ?? null,
    of: form.of ?? null,
    explode: explode?.split('.') ?? null,
    request,
    contract,
    rawZone: form.raw_zone,
    landing,
    drop: form.drop,
    primaryKey: form.primary_key,
    onDuplicate: form.on_duplicate,
    maxDrop: parseShare(form.max_drop),
    checks,
  };
}

function checkDrop(form: DatasetForm, at: Path, leaves: ReadonlyMap<string, Leaf>, problems: Problems): void {
  const landed = listLanded(form);
  for (const [index, path] of form.drop.entries()) {
    const place = [...at, 'drop', index];
    if (!leaves.has(path)) problems.add(place, 'the schema has no such leaf', suggestLeaf(path, leaves));
    else if (landed.has(path)) {
      problems.add(place, `${path} is both landed and dropped`, 'take it out of `drop` or of `landing`');
    } else if (form.drop.indexOf(path) !== index) {
      problems.add(place, 'a leaf is met twice', 'remove one of the two');
    }
  }
}

/** Every leaf is landed or dropped: what nobody decided on does not load. */
function checkDecisions(
  form: DatasetForm,
  at: Path,
  leaves: ReadonlyMap<string, Leaf>,
  problems: Problems,
): void {
  const landed = listLanded(form);
  for (const leaf of leaves.values()) {
    if (landed.has(leaf.path) || form.drop.includes(leaf.path)) continue;
    const fix = `add a column from ${leaf.path} to \`landing\`, or ${leaf.path} to \`drop\``;
    problems.add(placeOf(at, leaf), `${leaf.path} is neither landed nor dropped`, fix);
  }
}

function listLanded(form: DatasetForm): ReadonlySet<string> {
  return new Set(Object.values(form.landing).flatMap((column) => [column.from].flat()));
}

/** DuckDB does not tell names apart by case, and `page` and `position` are columns of our own. */
function checkColumns(landing: readonly LandingColumn[], at: Path, problems: Problems): void {
  const met = new Map([
    ['page', ''],
    ['position', ''],
  ]);
  for (const leaf of landing.flatMap((column) => column.from)) {
    const lower = leaf.path.toLowerCase();
    const other = met.get(lower);
    if (other !== undefined && other !== leaf.path) {
      const what =
        other === ''
          ? `${leaf.path} is a name of Lakeveil's own`
          : `${leaf.path} and ${other} differ in case only`;
      problems.add(placeOf(at, leaf), what, 'drop the leaf: such a field cannot land');
    }
    met.set(lower, leaf.path);
  }
}

function checkPrimaryKey(
  form: DatasetForm,
  landing: readonly LandingColumn[],
  at: Path,
  { neverKeys, problems }: { readonly neverKeys: ReadonlySet<string>; readonly problems: Problems },
): void {
  const names = Object.keys(form.landing);
  for (const [index, name] of form.primary_key.entries()) {
    const place = [...at, 'primary_key', index];
    const column = landing.find((known) => known.name === name);
    if (!names.includes(name)) problems.add(place, 'there is no such landing column', suggest(name, names));
    else if (form.primary_key.indexOf(name) !== index) {
      problems.add(place, 'a column is met twice', 'remove one of the two');
    } else if (column !== undefined && neverKeys.has(column.treatment)) {
      const fix = 'name a token in its place: `treat: token` of the same leaf';
      problems.add(place, `column ${name} is ${column.treatment}, which several values share`, fix);
    } else if (column !== undefined && !column.from.some((leaf) => leaf.required)) {
      const fix = `let one of its leaves be required, with every object above it: ${pathsOf(column).join(', ')}`;
      problems.add(place, `column ${name} may be null, so it cannot name a record`, fix);
    }
  }
}

/** A value set to null would change whom a token or a key stands for. */
function checkNulling(
  form: DatasetForm,
  landing: readonly LandingColumn[],
  treatments: Treatments,
  at: Path,
  problems: Problems,
): void {
  for (const column of landing) {
    const isKey = form.primary_key.includes(column.name);
    const isToken = treatments.get(column.treatment)?.isToken === true;
    const leaves = isKey || isToken ? column.from : column.from.slice(countOf(form, column));
    const role = isKey ? 'the primary key' : `${isToken ? 'token' : 'the subject of'} ${column.name}`;
    for (const leaf of leaves.filter(({ onInvalid }) => onInvalid === 'set_null')) {
      const place = [...placeOf(at, leaf), 'x-on-invalid'];
      const fix = `remove \`x-on-invalid\`, or take the leaf out of ${role}`;
      problems.add(place, `${leaf.path} is part of ${role} and cannot be set to null`, fix);
    }
  }
}

/** How many of a column's leaves stand under `from`; those that follow are named by a parameter. */
function countOf({ landing }: DatasetForm, { name }: LandingColumn): number {
  return [landing[name]?.from ?? []].flat().length;
}

/** An array that the schema lacks would leave every record as it is. */
function checkExplode(
  explode: string,
  leaves: ReadonlyMap<string, Leaf>,
  at: Path,
  problems: Problems,
): void {
  if ([...leaves.keys()].some((path) => path === explode || path.startsWith(`${explode}.`))) return;
  const fix = 'give the path of a field of `type: array`, such as `order.lines`';
  problems.add([...at, 'explode'], 'the schema has no such array', fix);
}

/** A row of CSV has fields, and nothing within them. */
function checkFlat(leaves: ReadonlyMap<string, Leaf>, at: Path, problems: Problems): void {
  for (const leaf of leaves.values()) {
    if (leaf.segments.length === 1) continue;
    const fix = 'name the leaf by its column, at the top of the schema';
    problems.add(placeOf(at, leaf), `${leaf.path} lies in an object, which a row of CSV cannot hold`, fix);
  }
}

function placeOf(at: Path, leaf: Leaf): Path {
  return [...at, 'contract', 'schema', ...leaf.segments.flatMap((segment) => ['properties', segment])];
}

function pathsOf(column: LandingColumn): readonly string[] {
  return column.from.map((leaf) => leaf.path);
}
