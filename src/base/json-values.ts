const JSON_TYPES = ['null', 'boolean', 'number', 'string', 'object', 'array'] as const;
export type JsonType = (typeof JSON_TYPES)[number];

export function isJsonType(name: string): name is JsonType {
  return JSON_TYPES.some((type) => type === name);
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The JSON type of a value that `JSON.parse` made. */
export function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'number';
  return typeof value === 'boolean' ? 'boolean' : 'object';
}

/**
 * The value at a path of own properties and places in lists (`-1` for the last), or undefined where a step is not there.
 * A loop, since the contract reads every leaf of every record by it.
 */
export function readPath(value: unknown, segments: readonly string[]): unknown {
  let found = value;
  for (const step of segments) {
    if (Array.isArray(found)) {
      const items: readonly unknown[] = found;
      found = /^-?\d{1,9}$/.test(step) ? items.at(Number(step)) : undefined;
    } else if (isObject(found) && Object.hasOwn(found, step)) found = found[step];
    else return undefined;
  }
  return found;
}

/** A record with the values at these paths alone; what is not there is left out. */
export function pickPaths(record: unknown, paths: readonly (readonly string[])[]): JsonObject {
  const names = new Set(paths.flatMap(([name]) => (name === undefined ? [] : [name])));
  const pairs = [...names].flatMap((name): (readonly [string, unknown])[] => {
    const value = readPath(record, [name]);
    const inner = paths.filter(([first]) => first === name).map(([, ...rest]) => rest);
    if (value === undefined) return [];
    return [
      [name, isObject(value) && inner.every((rest) => rest.length > 0) ? pickPaths(value, inner) : value],
    ];
  });
  return Object.fromEntries(pairs);
}

/** The value at a dotted path of a parsed body; the empty path is the body itself. */
export function readBodyPath(body: unknown, path: string): unknown {
  return readPath(body, splitPath(path));
}

/** Whether a parsed body has something at a dotted path, null included. */
export function hasBodyPath(body: unknown, path: string): boolean {
  return readBodyPath(body, path) !== undefined;
}

/** The steps of a dotted path. A step in double quotes may hold dots: `"@odata.nextLink"`; in it, `\` quotes. */
export function splitPath(path: string): readonly string[] {
  return [...path.matchAll(/"((?:[^"\\]|\\.)*)"|[^.]+/g)].map(
    ([step, quoted]) => quoted?.replaceAll(/\\(.)/g, '$1') ?? step,
  );
}

/** The dotted path of steps, as `splitPath` reads it. */
export function writePath(steps: readonly string[]): string {
  return steps
    .map((step) => (/^[^.\s"]+$/.test(step) ? step : `"${step.replaceAll(/["\\]/g, '\\$&')}"`))
    .join('.');
}

/** A path as a definition writes it, in its one spelling. */
export function normalizePath(path: string): string {
  return writePath(splitPath(path));
}

/** Counts by key. */
export class Counter {
  readonly #counts = new Map<string, number>();

  add(key: string, count = 1): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  get(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Keys with their counts, as `restore` takes them. */
  save(): [key: string, count: number][] {
    return [...this.#counts];
  }

  restore(counts: readonly (readonly [key: string, count: number])[]): void {
    for (const [key, count] of counts) this.add(key, count);
  }

  /** Keys with their counts, in code-unit order of the keys. */
  list(): readonly (readonly [key: string, count: number])[] {
    return [...this.#counts].sort(([one], [other]) => (one < other ? -1 : 1));
  }
}

/** The value of a JSON text; undefined if it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
