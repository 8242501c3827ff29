import type {
  DatasetDefinition,
  LandingColumn,
  Leaf,
  RequestDefinition,
} from '../../base/types/definition.js';
import type { DatasetForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { findNearest, type Problems, suggest } from '../read/problems.js';
import { parseShare } from '../read/units.js';
import { completeChecks } from './checks.js';
import { completeContract } from './complete-contract.js';
import { addUnknownLeaf, completeLanding, type Treatments } from './complete-landing.js';
import { completeRequest, type RequestContext } from './complete-request.js';
import type { OwnedForm } from './shared-pages.js';

export interface DatasetContext {
  readonly request: RequestContext;
  /** The request of the dataset named by `of`; null if the dataset has its own. */
  readonly shared: RequestDefinition | null;
  readonly treatments: Treatments;
  /** Treatments of landing columns by name, per dataset of the definition. */
  readonly columnsOf: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** One completed dataset; errors go to `problems`. */
export function completeDataset(
  name: string,
  form: OwnedForm,
  context: DatasetContext,
  problems: Problems,
): DatasetDefinition {
  const at = ['datasets', name];
  const request = context.shared ?? completeRequest(form, at, context.request, problems);
  const explode = form.explode ?? null;
  const contract = completeContract(
    form.contract,
    [...at, 'contract'],
    { explode, hidden: listHidden(form) },
    problems,
  );
  const isWhole = !problems.isHidden([...at, 'contract', 'schema']);
  if (explode !== null && isWhole) checkExplode(explode, contract.leaves, at, problems);
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
  checkDecisions(form, at, leaves, problems);
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
    if (!leaves.has(path)) addUnknownLeaf(path, place, leaves, problems);
    else if (landed.has(path)) {
      problems.add(place, `${path} is both landed and dropped`, 'remove it from `drop` or from `landing`');
    } else if (form.drop.indexOf(path) !== index) {
      problems.add(place, 'duplicate leaf', 'remove one of them');
    }
  }
}

/** Every leaf is landed or dropped: an undecided leaf is an error. */
function checkDecisions(
  form: DatasetForm,
  at: Path,
  leaves: ReadonlyMap<string, Leaf>,
  problems: Problems,
): void {
  const decided = new Set([...listLanded(form), ...form.drop]);
  if (decided.has('') || problems.isHidden([...at, 'drop'])) return;
  // A mistyped path leaves its leaf undecided: report the typo, not its consequence.
  const unknown = [...decided].filter((path) => !leaves.has(path));
  const meant = new Set(unknown.map((path) => findNearest(path, [...leaves.keys()])));
  for (const leaf of leaves.values()) {
    if (decided.has(leaf.path) || meant.has(leaf.path)) continue;
    if (unknown.some((path) => leaf.path.startsWith(`${path}.`))) continue;
    const fix = `add a column from ${leaf.path} to \`landing\`, or ${leaf.path} to \`drop\``;
    problems.add(placeOf(at, leaf), `${leaf.path} is neither landed nor dropped`, fix);
  }
}

/** Leaves that are dropped or only redacted. */
function listHidden({ landing, drop }: DatasetForm): ReadonlySet<string> {
  const columns = Object.values(landing);
  const hidden = columns.filter(({ treat }) => treat === 'redact').flatMap(({ from }) => [from].flat());
  const shown = columns
    .filter(({ treat }) => treat !== 'redact')
    .flatMap(({ from, subject }) => [from, subject].flat());
  return new Set([...drop, ...hidden].filter((path) => !shown.includes(path)));
}

function listLanded(form: DatasetForm): ReadonlySet<string> {
  return new Set(Object.values(form.landing).flatMap((column) => [column.from].flat()));
}

/** DuckDB names are case-insensitive, and `page` and `position` are reserved columns. */
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
        other === '' ? `${leaf.path} is a reserved name` : `${leaf.path} and ${other} differ only in case`;
      problems.add(placeOf(at, leaf), what, 'drop the leaf: this field cannot land');
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
  const isWhole = !problems.isHidden([...at, 'contract', 'schema']);
  for (const [index, name] of form.primary_key.entries()) {
    const place = [...at, 'primary_key', index];
    const column = landing.find((known) => known.name === name);
    if (!names.includes(name)) {
      if (problems.isHidden([...at, 'landing', name])) continue;
      problems.add(place, 'unknown landing column', suggest(name, names));
    } else if (form.primary_key.indexOf(name) !== index) {
      problems.add(place, 'duplicate column', 'remove one of them');
    } else if (column !== undefined && neverKeys.has(column.treatment)) {
      const fix = 'use a token column of the same leaf instead: `treat: token`';
      problems.add(
        place,
        `column ${name} uses ${column.treatment}, which gives several values the same output`,
        fix,
      );
    } else if (column !== undefined && isWhole && !column.from.some((leaf) => leaf.required)) {
      const fix = `make one of its leaves and every object above it required: ${pathsOf(column).join(', ')}`;
      problems.add(place, `column ${name} may be null, so it cannot be part of a key`, fix);
    }
  }
}

/** Setting a value to null would change the identity behind a token or key. */
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
      const fix = `remove \`x-on-invalid\`, or remove the leaf from ${role}`;
      problems.add(place, `${leaf.path} is part of ${role} and cannot be set to null`, fix);
    }
  }
}

/** The number of leaves under `from`; the following leaves come from a parameter. */
function countOf({ landing }: DatasetForm, { name }: LandingColumn): number {
  return [landing[name]?.from ?? []].flat().length;
}

/** Without the array in the schema, `explode` would have no effect. */
function checkExplode(
  explode: string,
  leaves: ReadonlyMap<string, Leaf>,
  at: Path,
  problems: Problems,
): void {
  if ([...leaves.keys()].some((path) => path === explode || path.startsWith(`${explode}.`))) return;
  const fix = 'use the path of a field of `type: array`, such as `order.lines`';
  problems.add([...at, 'explode'], 'unknown array', fix);
}

/** A CSV row has no nested fields. */
function checkFlat(leaves: ReadonlyMap<string, Leaf>, at: Path, problems: Problems): void {
  for (const leaf of leaves.values()) {
    if (leaf.segments.length === 1) continue;
    const fix = 'move the leaf to the top level of the schema, under its column name';
    problems.add(placeOf(at, leaf), `${leaf.path} is nested, which CSV does not support`, fix);
  }
}

function placeOf(at: Path, leaf: Leaf): Path {
  return [...at, 'contract', 'schema', ...leaf.segments.flatMap((segment) => ['properties', segment])];
}

function pathsOf(column: LandingColumn): readonly string[] {
  return column.from.map((leaf) => leaf.path);
}
