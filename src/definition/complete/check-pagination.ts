import { CURSOR } from '../../base/pagination/cursor.js';
import type { RequestForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { ownValue } from '../read/form-at.js';
import type { Problems } from '../read/problems.js';

/** Checks that the parameters of pages have names of their own, and that the settings fit together. */
export function checkPagination(
  { pagination, query, body, form }: RequestForm,
  at: Path,
  problems: Problems,
): void {
  const place = [...at, 'pagination'];
  const isInBody = 'in' in pagination && pagination.in === 'body';
  const taken = new Set(Object.keys(query).filter(() => !isInBody));
  for (const [key, value] of Object.entries(pagination)) {
    if (!key.endsWith('_param') || typeof value !== 'string') continue;
    if (taken.has(value) || (isInBody && isTaken(body ?? form, value.split('.')))) {
      problems.add(
        [...place, key],
        isInBody ? 'duplicate name in the body' : 'duplicate query parameter',
        `remove it from \`${isInBody ? 'body' : 'query'}\`, or use another name`,
      );
    }
    taken.add(value);
  }
  checkCursor({ pagination, body }, place, problems);
  if (pagination.type === 'page' || pagination.type === 'offset' || pagination.type === 'cursor') {
    if ((pagination.size_param === undefined) !== (pagination.size === undefined)) {
      problems.add(place, '`size_param` and `size` must be used together', 'set both or neither');
    }
  }
  if (pagination.type !== 'page' && pagination.type !== 'offset') return;
  const counts = COUNTS.filter((key) => ownValue(pagination, key) !== undefined);
  const [first, second] = counts;
  if (first !== undefined && second !== undefined) {
    const what = `\`${first}\` and \`${second}\` cannot be used together`;
    problems.add([...place, second], what, 'set only one of them');
  }
}

/** The cursor is a parameter, or stands in the body as a text of its own. */
function checkCursor(
  { pagination, body }: Pick<RequestForm, 'pagination' | 'body'>,
  at: Path,
  problems: Problems,
): void {
  const isInBody = holds(body, CURSOR);
  const isNamed = pagination.type === 'cursor' && pagination.cursor_param !== undefined;
  if (isInBody && (pagination.type !== 'cursor' || isNamed)) {
    const fix = 'write `pagination: { type: cursor, next_path: … }` without `cursor_param`';
    problems.add(at, '{cursor} in the body requires pagination by cursor', fix);
  }
  if (pagination.type === 'cursor' && !isNamed && !isInBody) {
    const fix = 'add `cursor_param: …`, or the text "{cursor}" to the body';
    problems.add([...at, 'cursor_param'], '`cursor_param` is missing', fix);
  }
}

function holds(value: unknown, text: string): boolean {
  if (value === text) return true;
  return (
    typeof value === 'object' && value !== null && Object.values(value).some((inner) => holds(inner, text))
  );
}

const COUNTS = ['total_path', 'pages_path', 'total_header', 'pages_header'];

/** Whether a body already has a value at a parameter's path, or a non-object above it. */
function isTaken(body: unknown, [name = '', ...rest]: readonly string[]): boolean {
  const value = ownValue(body, name);
  if (value === undefined) return false;
  return rest.length === 0 || typeof value !== 'object' || isTaken(value, rest);
}
