import { createHash } from 'node:crypto';
import { Counter, isObject, writePath, type JsonType, readPath, typeOf } from '../base/json-values.js';
import type { ContractDefinition } from '../base/types/definition.js';
import type { DriftState } from '../base/types/resume.js';
import type { Drift } from '../base/types/run-record.js';
import { ObjectWatch, type Presence } from './object-watch.js';
import {
  isNothing,
  type LeafNode,
  listLeaves,
  type NodeType,
  type ObjectNode,
  type SchemaNode,
} from './schema-tree.js';
import {
  DirectValues,
  type HideName,
  makeEntry,
  type SharedFields,
  UndeclaredFields,
  WITHHELD,
} from './undeclared.js';

/** A change counts as drift if this share of a page's records has it; single records only go to quarantine. */
const SHARE_PERCENT = 1;

type DriftCounts = Omit<DriftState, 'undeclared' | 'withheld'>;

/** What a process has seen in its pages. */
export interface SharedDrift {
  readonly counts: DriftCounts;
  readonly fields: SharedFields;
  readonly values: Uint32Array;
}

/**
 * Watches a run for ways in which the records differ from the contract: JSON types and names that the contract has, never
 * values. Names that it does not have are hidden, unless the definition lists them. Counts do
 * not depend on the order in which pages come.
 */
export class DriftWatch {
  readonly #root: ObjectNode;
  readonly #leaves: readonly LeafNode[];
  readonly #undeclared: UndeclaredFields;
  readonly #values: DirectValues;
  readonly #objects: ObjectWatch;
  readonly #missing = new Counter();
  readonly #changed = new Counter();
  readonly #newEnumValues = new Counter();
  /** `path:type` of changes in the current page, and of drift in the run. */
  #pageChanges = new Counter();
  readonly #seenTypes = new Set<string>();
  #unsettled: readonly LeafNode[];

  /** @param hideName gives what is stored in place of the path of an undeclared field */
  constructor(
    root: ObjectNode,
    { elsewhere, expected, leaves }: Pick<ContractDefinition, 'elsewhere' | 'expected' | 'leaves'>,
    hideName: HideName,
  ) {
    this.#root = root;
    this.#undeclared = new UndeclaredFields(expected, hideName);
    const direct = [...leaves.values()].filter((leaf) => leaf.class === 'direct');
    this.#values = new DirectValues(direct.map(({ segments }) => segments));
    this.#leaves = listLeaves(root);
    this.#objects = new ObjectWatch(root, this.#undeclared, elsewhere);
    this.#unsettled = this.#leaves;
  }

  /** Records a record before validation; returns whether it has an undeclared field. */
  see(record: unknown): boolean {
    if (!isObject(record)) return false;
    this.#values.add(record);
    return this.#objects.see(record);
  }

  /** Looks for type changes in a rejected record. */
  examine(record: unknown): void {
    this.examineNode(this.#root, record);
  }

  /** The same for one leaf or object, whose value was nulled. */
  examineNode(node: SchemaNode, record: unknown): void {
    if (node.kind === 'object') this.#examineObject(node, record);
    const leaves = node === this.#root ? this.#leaves : listLeaves(node);
    for (const leaf of leaves) this.#examineLeaf(leaf, record);
  }

  #examineLeaf(leaf: LeafNode, record: unknown): void {
    const value = readPath(record, leaf.segments);
    if (value === undefined || isNothing(leaf, value)) return;
    if (!admits(leaf.types, value)) this.#pageChanges.add(`${leaf.path}:${typeOf(value)}`);
    else if (leaf.enumValues?.includes(value) === false) this.#newEnumValues.add(leaf.path);
  }

  /** Ends a page of `fetched` records, of which `accepted` kept the contract. */
  endPage(fetched: number, accepted: readonly unknown[]): void {
    this.#endChanges(fetched);
    const page = this.#objects.endPage();
    for (const [node, presence] of page) {
      for (const name of node.required) {
        const missing = presence.objects - (presence.fields.get(name) ?? 0);
        if (missing > 0 && isShown(missing, fetched))
          this.#missing.add(writePath([...node.segments, name]), missing);
      }
    }
    const present = listPresent(page, this.#unsettled);
    this.#unsettled = this.#unsettled.filter(
      (leaf) => !present.has(leaf) || !accepted.some((record) => hasValue(leaf, record)),
    );
  }

  /** The drift of the run, sorted by kind and path. */
  list(): readonly Drift[] {
    const { shown, withheld } = this.#undeclared.list((name) => this.#values.has(name));
    const drift = [
      ...listDrift('changed_type', this.#changed),
      ...listDrift('missing_field', this.#countMissing()),
      ...listDrift('new_enum_value', this.#newEnumValues),
      ...shown.map(makeEntry).sort((one, other) => (one.path < other.path ? -1 : 1)),
    ];
    return withheld === 0 ? drift : [...drift, { kind: 'new_field', path: WITHHELD, count: withheld }];
  }

  /**
   * SHA-256 of the sorted lines `path:type` of what was met. Of a declared leaf: the types declared (without null, which
   * comes and goes), once a good record had a value, and those that it changed to. An undeclared field enters under the
   * same name that `list` gives it.
   */
  hashObserved(): string {
    const settled = this.#leaves.filter((leaf) => !this.#unsettled.includes(leaf));
    const declared = settled.flatMap((leaf) => leaf.types.map((type) => `${leaf.path}:${toJsonType(type)}`));
    const { shown, withheld } = this.#undeclared.list(() => true);
    const undeclared = shown.flatMap(({ path, types }) => ['', ...types].map((type) => `${path}:${type}`));
    const lines = [...declared, ...this.#seenTypes, ...undeclared, ...(withheld > 0 ? [WITHHELD] : [])];
    const kept = new Set(lines.filter((line) => !line.endsWith(':null')));
    return createHash('sha256')
      .update([...kept].sort().join('\n'))
      .digest('hex');
  }

  /** Null if it holds names of fields that are too rare to be shown. */
  save(): DriftState | null {
    const undeclared = this.#undeclared.save();
    return undeclared === null ? null : { ...this.#saveCounts(), ...undeclared };
  }

  restore(state: DriftState): void {
    this.#addCounts(state);
    this.#values.giveUp();
    this.#undeclared.restore(state);
  }

  /** All that was seen, with names of fields: for the memory of another process alone. */
  share(): SharedDrift {
    return { counts: this.#saveCounts(), fields: this.#undeclared.share(), values: this.#values.share() };
  }

  /** Adds what another process has seen in other pages of the run. */
  absorb({ counts, fields, values }: SharedDrift): void {
    this.#addCounts(counts);
    this.#undeclared.absorb(fields);
    this.#values.absorb(values);
  }

  #saveCounts(): DriftCounts {
    return {
      missing: this.#missing.save(),
      changed: this.#changed.save(),
      newEnumValues: this.#newEnumValues.save(),
      seenTypes: [...this.#seenTypes],
      unsettled: this.#unsettled.map(({ path }) => path),
      objects: this.#objects.endRun().map(([node, presence]) => ({
        path: node.path,
        objects: presence.objects,
        fields: [...presence.fields],
      })),
    };
  }

  #addCounts(state: DriftCounts): void {
    this.#missing.restore(state.missing);
    this.#changed.restore(state.changed);
    this.#newEnumValues.restore(state.newEnumValues);
    for (const type of state.seenTypes) this.#seenTypes.add(type);
    this.#unsettled = this.#unsettled.filter(({ path }) => state.unsettled.includes(path));
    for (const [node, presence] of this.#objects.endRun()) {
      const saved = state.objects.find(({ path }) => path === node.path);
      if (saved === undefined) continue;
      presence.objects += saved.objects;
      for (const [field, count] of saved.fields)
        presence.fields.set(field, (presence.fields.get(field) ?? 0) + count);
    }
  }

  #examineObject(node: ObjectNode, record: unknown): void {
    const value = readPath(record, node.segments);
    if (value === undefined || (value === null && node.nullable) || isNothing(node, value)) return;
    if (!isObject(value)) this.#pageChanges.add(`${node.path}:${typeOf(value)}`);
    for (const child of node.children.values()) {
      if (child.kind === 'object') this.#examineObject(child, record);
    }
  }

  #endChanges(fetched: number): void {
    const byPath = new Counter();
    for (const [change, count] of this.#pageChanges.list()) byPath.add(pathOf(change), count);
    for (const [path, count] of byPath.list()) {
      if (isShown(count, fetched)) this.#changed.add(path, count);
    }
    for (const [change] of this.#pageChanges.list()) {
      if (isShown(byPath.get(pathOf(change)), fetched)) this.#seenTypes.add(change);
    }
    this.#pageChanges = new Counter();
  }

  /** Required fields by page, and optional ones that no record of the run had; of an absent object, itself alone. */
  #countMissing(): Counter {
    const missing = new Counter();
    for (const [path, count] of this.#missing.list()) missing.add(path, count);
    for (const [node, presence] of this.#objects.endRun()) {
      for (const name of node.children.keys()) {
        const isMissing = presence.objects > 0 && !presence.fields.has(name);
        if (isMissing && !node.required.includes(name))
          missing.add(writePath([...node.segments, name]), presence.objects);
      }
    }
    return missing;
  }
}

/** The leaves whose field a record of the page has: of the others, no record need be read. */
function listPresent(
  page: readonly (readonly [ObjectNode, Presence])[],
  leaves: readonly LeafNode[],
): ReadonlySet<LeafNode> {
  const fields = new Map(page.map(([node, presence]) => [node.path, presence.fields] as const));
  return new Set(
    leaves.filter(({ segments }) => fields.get(writePath(segments.slice(0, -1)))?.has(segments.at(-1) ?? '')),
  );
}

function isShown(count: number, fetched: number): boolean {
  return count * 100 >= fetched * SHARE_PERCENT;
}

function hasValue(leaf: LeafNode, record: unknown): boolean {
  const value = readPath(record, leaf.segments);
  return value !== undefined && value !== null;
}

/** Whether a value is of one of the types; a number that JSON cannot hold is not taken for a change of type. */
function admits(types: readonly NodeType[], value: unknown): boolean {
  if (typeof value !== 'number') return types.some((type) => type === typeOf(value));
  const isWhole = Number.isInteger(value) || !Number.isFinite(value);
  return types.includes('number') || (isWhole && types.includes('integer'));
}

function toJsonType(type: NodeType): JsonType {
  return type === 'integer' ? 'number' : type;
}

function pathOf(change: string): string {
  return change.slice(0, change.lastIndexOf(':'));
}

function listDrift(kind: Drift['kind'], counter: Counter): readonly Drift[] {
  return counter.list().map(([path, count]) => ({ kind, path, count }));
}
