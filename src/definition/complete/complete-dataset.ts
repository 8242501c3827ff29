import { normalizePath, readPath, splitPath, writePath } from '../../base/json-values.js';
import { DELETED } from '../../base/names.js';
import type {
  DatasetDefinition,
  ForEachDefinition,
  JsonSchema,
  LandingColumn,
  Leaf,
} from '../../base/types/definition.js';
import type { DatasetForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { findNearest, type Problems, suggest } from '../read/problems.js';
import { parseDurationMs, parseShare } from '../read/units.js';
import { checkIds } from './check-ids.js';
import { completeChecks, completeVolume } from './checks.js';
import { completeContract } from './complete-contract.js';
import { addUnknownLeaf, completeLanding, type Treatments } from './complete-landing.js';
import { completeDeleted } from './deleted.js';
import { completePlace, completeRequest, type RequestContext } from './complete-request.js';
import type { OwnedForm } from './shared-pages.js';

export interface DatasetContext {
  readonly request: RequestContext;
  /** The dataset named by `of`, whose request it shares; null if the dataset has its own. */
  readonly shared: Pick<DatasetDefinition, 'request' | 'forEach'> | null;
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
  const { request, forEach } = context.shared ?? completeOwn(form, at, context.request, problems);
  const { contract, explode } = completeContract(form, at, problems);
  const { leaves } = contract;
  const bench = { leaves, treatments: context.treatments, problems };
  const neverKeys = new Set([...context.treatments].flatMap(([treat, spec]) => (spec.neverKey ? treat : [])));
  const landing = completeLanding(form.landing, [...at, 'landing'], bench);
  const drop = completeDrop(form, at, leaves, problems);
  const deleted = completeDeleted(form, at, bench);
  checkPrimaryKey(form, landing, at, { neverKeys, problems });
  checkIds(landing, { primaryKey: form.primary_key, at }, context.treatments, problems);
  const all = deleted === null ? landing : [...landing, deleted];
  checkNulling(form, { landing: all, schema: contract.schema, treatments: context.treatments }, at, problems);
  if (request.format === 'csv') checkFlat(leaves, at, problems);
  const about = { dataset: name, landing, columnsOf: context.columnsOf, neverKeys };
  const checks = [
    ...completeChecks(form.checks, [...at, 'checks'], about, problems),
    ...completeVolume(name, form.volume, [...at, 'volume'], problems),
  ];
  checkDecisions(form, drop, at, leaves, problems);
  return {
    name,
    time: form.time,
    slot: form.slot ?? null,
    of: form.of ?? null,
    forEach: forEach && addFields(forEach, leaves),
    explode,
    request,
    place: completePlace(form, at, problems),
    contract,
    rawZone: form.raw_zone,
    landing: all,
    drop,
    primaryKey: form.primary_key,
    onDuplicate: form.on_duplicate,
    maxDrop: parseShare(form.max_drop),
    prove: form.prove,
    maxWithheld: parseShare(form.max_withheld),
    freshnessMs: form.freshness === undefined ? null : parseDurationMs(form.freshness),
    retentionDays: form.retention === undefined ? null : Number(form.retention.slice(0, -1)),
    checks,
  };
}

/** The request of a dataset, and for whose records it is made. */
function completeOwn(
  form: OwnedForm,
  at: Path,
  context: RequestContext,
  problems: Problems,
): Pick<DatasetDefinition, 'request' | 'forEach'> {
  const { request, fields } = completeRequest(form, at, context, problems);
  if (form.for_each === undefined) return { request, forEach: null };
  const { dataset, as = dataset, empty_status: emptyStatus } = form.for_each;
  if (fields.length === 0 && !problems.isHidden([...at, 'request'])) {
    const fix = `use one in \`path\`, \`query\` or a body, such as {${as}.id}`;
    problems.add([...at, 'for_each'], 'the request contains no field of the parent', fix);
  }
  return { request, forEach: { dataset, as, emptyStatus, fields: fields.map(splitPath) } };
}

/** The fields of the parent that the contract describes as well. */
function addFields(forEach: ForEachDefinition, leaves: ReadonlyMap<string, Leaf>): ForEachDefinition {
  const own = [...leaves.values()].filter(({ segments: [first] }) => first === forEach.as);
  return { ...forEach, fields: [...forEach.fields, ...own.map(({ segments }) => segments.slice(1))] };
}

/** The leaves that `drop` names: each by its path, or all below an object by the path of that. */
function completeDrop(
  form: DatasetForm,
  at: Path,
  leaves: ReadonlyMap<string, Leaf>,
  problems: Problems,
): readonly string[] {
  const landed = listLanded(form);
  const dropped: string[] = [];
  for (const [index, given] of form.drop.entries()) {
    const place = [...at, 'drop', index];
    const path = normalizePath(given);
    const named = leaves.has(path)
      ? [path]
      : [...leaves.keys()].filter((leaf) => leaf.startsWith(`${path}.`));
    const kept = named.find((leaf) => landed.has(leaf));
    if (named.length === 0) addUnknownLeaf(given, place, leaves, problems);
    else if (kept !== undefined) {
      problems.add(place, `${kept} is both landed and dropped`, 'remove it from `drop` or from `landing`');
    } else if (named.some((leaf) => dropped.includes(leaf))) {
      problems.add(place, 'duplicate leaf', 'remove one of them');
    }
    dropped.push(...named);
  }
  return dropped;
}

/** Every leaf is landed or dropped: an undecided leaf is an error. */
function checkDecisions(
  form: DatasetForm,
  drop: readonly string[],
  at: Path,
  leaves: ReadonlyMap<string, Leaf>,
  problems: Problems,
): void {
  const { deleted_path: deleted } = form;
  const also = deleted === undefined ? [] : [normalizePath(deleted)];
  const decided = new Set([...listLanded(form), ...also, ...drop, ...form.drop.map(normalizePath)]);
  if (decided.has('') || problems.isHidden([...at, 'drop'])) return;
  // A mistyped path leaves its leaf undecided: report the typo, not its consequence.
  const unknown = [...decided].filter(
    (path) => !leaves.has(path) && !drop.some((leaf) => leaf.startsWith(`${path}.`)),
  );
  const known = new Set([...leaves.values()].flatMap(listPaths));
  const meant = new Set(unknown.flatMap((path) => [path, findNearest(path, [...known]) ?? path]));
  for (const leaf of leaves.values()) {
    if (decided.has(leaf.path) || listPaths(leaf).some((path) => meant.has(path))) continue;
    const fix = `add a column from ${leaf.path} to \`landing\`, or ${leaf.path} to \`drop\``;
    problems.add(placeOf(at, leaf.segments), `${leaf.path} is neither landed nor dropped`, fix);
  }
}

/** The path of a leaf, and those of the objects above it. */
function listPaths({ segments }: Leaf): string[] {
  return segments.map((_, depth) => writePath(segments.slice(0, depth + 1)));
}

function listLanded(form: DatasetForm): ReadonlySet<string> {
  return new Set(Object.values(form.landing).flatMap((column) => [column.from].flat().map(normalizePath)));
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
    } else if (column?.each === true) {
      problems.add(
        place,
        `column ${name} is a list, so it cannot be part of a key`,
        'remove it from the key',
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
  { landing, schema, treatments }: Nullable,
  at: Path,
  problems: Problems,
): void {
  for (const column of landing) {
    const isKey = form.primary_key.includes(column.name);
    const isToken = treatments.get(column.treatment)?.isToken === true;
    const leaves =
      isKey || isToken || column.name === DELETED ? column.from : column.from.slice(countOf(form, column));
    const role = isKey ? 'the primary key' : roleOf(column, isToken);
    for (const leaf of leaves) {
      const depth = findNulling(schema, leaf.segments);
      if (depth === null) continue;
      const place = [...placeOf(at, leaf.segments.slice(0, depth)), 'x-on-invalid'];
      const fix = `remove \`x-on-invalid\`, or remove the leaf from ${role}`;
      problems.add(place, `${leaf.path} is part of ${role} and cannot be set to null`, fix);
    }
  }
}

function roleOf({ name }: LandingColumn, isToken: boolean): string {
  if (name === DELETED) return '`deleted_path`';
  return `${isToken ? 'token' : 'the subject of'} ${name}`;
}

interface Nullable {
  readonly landing: readonly LandingColumn[];
  readonly schema: JsonSchema;
  readonly treatments: Treatments;
}

/** How deep the first node is, on the way to a leaf and itself included, that is set to null; null if there is none. */
function findNulling(schema: unknown, segments: readonly string[]): number | null {
  let node: unknown = schema;
  for (const [index, segment] of segments.entries()) {
    node = readPath(node, ['properties', segment]);
    if (readPath(node, ['x-on-invalid']) === 'set_null') return index + 1;
  }
  return null;
}

/** The number of leaves under `from`; the following leaves come from a parameter. */
function countOf({ landing }: DatasetForm, { name }: LandingColumn): number {
  return [landing[name]?.from ?? []].flat().length;
}

/** A CSV row has no nested fields. */
function checkFlat(leaves: ReadonlyMap<string, Leaf>, at: Path, problems: Problems): void {
  for (const leaf of leaves.values()) {
    if (leaf.many !== null) {
      const what = `${leaf.path} has several values in a record, which CSV does not support`;
      problems.add(placeOf(at, leaf.segments), what, 'declare it as text, or drop it');
    }
    if (leaf.segments.length === 1) continue;
    const fix = 'move the leaf to the top level of the schema, under its column name';
    problems.add(placeOf(at, leaf.segments), `${leaf.path} is nested, which CSV does not support`, fix);
  }
}

function placeOf(at: Path, segments: readonly string[]): Path {
  return [...at, 'contract', 'schema', ...segments.flatMap((segment) => ['properties', segment])];
}

function pathsOf(column: LandingColumn): readonly string[] {
  return column.from.map((leaf) => leaf.path);
}
