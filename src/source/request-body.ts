import type { BodyValue } from '../definition/definition.js';
import { fillText } from './request-text.js';
import type { Moment } from './request-text.js';

/** A JSON value of a request; objects as Maps, so that a name is never taken for more than a name. */
type Filled = string | number | boolean | null | readonly Filled[] | ReadonlyMap<string, Filled>;

/**
 * The body of a definition with date and slot filled in, as a function of the parameters of a page. A parameter's name
 * is a dotted path: `page.number` is `number` in the object `page`.
 * @returns JSON
 */
export function planBody(
  body: ReadonlyMap<string, BodyValue>,
  moment: Moment,
): (params: ReadonlyMap<string, string | number>) => string {
  const filled = fillObject(body, moment);
  return (params) => {
    let page: ReadonlyMap<string, Filled> = filled;
    for (const [name, value] of params) page = put(page, name.split('.'), value);
    return JSON.stringify(toJson(page));
  };
}

function fill(value: BodyValue, moment: Moment): Filled {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (value instanceof Map) return fillObject(value, moment);
  if (Array.isArray(value)) return value.map((entry: BodyValue) => fill(entry, moment));
  return typeof value === 'string' || 'reveal' in value ? fillText(value, moment) : null;
}

function fillObject(body: ReadonlyMap<string, BodyValue>, moment: Moment): ReadonlyMap<string, Filled> {
  return new Map([...body].map(([name, value]) => [name, fill(value, moment)]));
}

function put(
  object: ReadonlyMap<string, Filled>,
  [name = '', ...rest]: readonly string[],
  value: string | number,
): ReadonlyMap<string, Filled> {
  const inner = object.get(name);
  const next = rest.length === 0 ? value : put(inner instanceof Map ? inner : new Map(), rest, value);
  return new Map([...object, [name, next]]);
}

function toJson(value: Filled): unknown {
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([name, inner]: [string, Filled]) => [name, toJson(inner)]));
  }
  return Array.isArray(value) ? value.map((entry: Filled) => toJson(entry)) : value;
}
