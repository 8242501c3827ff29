import { isObject, writePath, type JsonObject, typeOf } from '../base/json-values.js';
import type { ObjectNode } from './schema-tree.js';
import type { UndeclaredField, UndeclaredFields } from './undeclared.js';

/** A cached list of keys, because nearly all records of a page have the same keys. */
interface Shape {
  readonly keys: readonly string[];
  readonly declared: readonly string[];
  readonly objects: readonly ObjectWatch[];
  readonly undeclared: readonly UndeclaredField[];
  readonly withheld: number;
  count: number;
}

const MAX_SHAPES = 8;

/** Counts the fields of one object of the schema, for the current page and for the run. */
export class ObjectWatch {
  readonly node: ObjectNode;
  readonly #children: ReadonlyMap<string, ObjectWatch>;
  readonly #undeclared: UndeclaredFields;
  readonly #elsewhere: ReadonlySet<string>;
  #shapes: Shape[] = [];
  #page = new Presence();
  readonly #run = new Presence();

  /** `elsewhere`: paths that are not in the schema but do not count as undeclared. */
  constructor(node: ObjectNode, undeclared: UndeclaredFields, elsewhere: ReadonlySet<string>) {
    this.node = node;
    this.#undeclared = undeclared;
    this.#elsewhere = elsewhere;
    this.#children = new Map(
      [...node.children].flatMap(([name, child]) =>
        // Keys of a map are data.
        child.kind === 'object' && child.entries === null
          ? [[name, new ObjectWatch(child, undeclared, elsewhere)] as const]
          : [],
      ),
    );
  }

  /** Records one object; returns whether it, or a declared object below it, has an undeclared field. */
  see(object: JsonObject): boolean {
    const keys = Object.keys(object);
    const shape = this.#shapes.find((known) => isSameList(known.keys, keys)) ?? this.#learn(keys);
    shape.count++;
    let hasUndeclared = shape.undeclared.length + shape.withheld > 0;
    for (const child of shape.objects) {
      const value = object[child.node.segments.at(-1) ?? ''];
      if (isObject(value) && child.see(value)) hasUndeclared = true;
    }
    for (const field of shape.undeclared) {
      field.count++;
      field.types.add(typeOf(object[field.path.slice(field.path.lastIndexOf('.') + 1)]));
    }
    return hasUndeclared;
  }

  /** Presence of declared fields in the page that ends here, for this object and those below it. */
  endPage(): readonly (readonly [ObjectNode, Presence])[] {
    this.#forgetShapes();
    const page = this.#page;
    this.#page = new Presence();
    this.#run.add(page);
    return [[this.node, page], ...[...this.#children.values()].flatMap((child) => child.endPage())];
  }

  /** The same over the run. */
  endRun(): readonly (readonly [ObjectNode, Presence])[] {
    return [[this.node, this.#run], ...[...this.#children.values()].flatMap((child) => child.endRun())];
  }

  #learn(keys: readonly string[]): Shape {
    if (this.#shapes.length >= MAX_SHAPES) this.#forgetShapes();
    const others = keys.filter(
      (key) => !this.node.children.has(key) && !this.#elsewhere.has(this.#pathOf(key)),
    );
    const fields = others.map((key) => this.#undeclared.find(this.node.path, key));
    const undeclared = fields.filter((field) => field !== null);
    const shape: Shape = {
      keys,
      declared: keys.filter((key) => this.node.children.has(key)),
      objects: keys.map((key) => this.#children.get(key)).filter((child) => child !== undefined),
      undeclared,
      withheld: fields.length - undeclared.length,
      count: 0,
    };
    this.#shapes.push(shape);
    return shape;
  }

  #pathOf(key: string): string {
    return writePath([...this.node.segments, key]);
  }

  #forgetShapes(): void {
    for (const shape of this.#shapes) {
      this.#page.count(shape.declared, shape.count);
      this.#undeclared.withhold(shape.withheld * shape.count);
    }
    this.#shapes = [];
  }
}

/** How many objects there were, and how many had each declared field. */
export class Presence {
  objects = 0;
  readonly fields = new Map<string, number>();

  count(fields: Iterable<string>, objects: number): void {
    this.objects += objects;
    for (const field of fields) this.fields.set(field, (this.fields.get(field) ?? 0) + objects);
  }

  add(other: Presence): void {
    this.objects += other.objects;
    for (const [field, count] of other.fields) this.fields.set(field, (this.fields.get(field) ?? 0) + count);
  }
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
