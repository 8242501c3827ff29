/**
 * What stands at a dotted path of a parsed body, by own properties only; undefined if a step is not there. The
 * empty path is the body itself.
 */
export function readPath(body: unknown, path: string): unknown {
  if (path === '') return body;
  let value = body;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Object.getOwnPropertyDescriptor(value, step)?.value;
  }
  return value;
}
