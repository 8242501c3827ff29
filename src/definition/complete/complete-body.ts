import { CURSOR } from '../../base/pagination/cursor.js';
import type { BodyValue } from '../../base/types/definition.js';
import type { RequestForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { ownValue } from '../read/form-at.js';
import { type PlaceholderFacts, scanBodyText } from '../read/placeholders.js';
import type { Problems } from '../read/problems.js';
import { checkText, hide, type TextContext } from '../read/request-texts.js';

const DEEPEST = 32;

export interface CompletedBody {
  readonly body: ReadonlyMap<string, BodyValue> | null;
  readonly bodyFormat: 'json' | 'form';
  /** What its texts contain. */
  readonly texts: readonly PlaceholderFacts[];
}

interface Bench extends TextContext {
  readonly problems: Problems;
  readonly texts: PlaceholderFacts[];
}

/** The body of a POST, with texts from variables hidden; errors go to `problems`. */
export function completeBody(
  form: RequestForm,
  at: Path,
  context: TextContext,
  problems: Problems,
): CompletedBody {
  const { method, body, form: fields, pagination } = form;
  const isIn = 'in' in pagination && pagination.in === 'body';
  const isForm = fields !== undefined;
  if (body !== undefined && isForm) {
    problems.add([...at, 'form'], '`body` and `form` cannot be used together', 'remove one of them');
  }
  const given = body ?? fields;
  const key = isForm ? 'form' : 'body';
  if (method === 'GET' && given !== undefined) {
    const fix = `write \`method: POST\`, or remove \`${key}\``;
    problems.add([...at, key], 'a GET request cannot have a body', fix);
  }
  if (method === 'GET' && isIn) {
    const fix = 'write `method: POST`, or `in: query`';
    problems.add([...at, 'pagination', 'in'], 'a GET request cannot have a body', fix);
  }
  const bodyFormat = isForm ? 'form' : 'json';
  if (given === undefined) return { body: isIn ? new Map() : null, bodyFormat, texts: [] };
  const bench = { ...context, problems, texts: [] };
  const completed = completeObject(given, [...at, key], bench);
  return { body: completed, bodyFormat, texts: bench.texts };
}

function completeObject(object: object, at: Path, bench: Bench): ReadonlyMap<string, BodyValue> {
  if (at.length > DEEPEST) {
    bench.problems.add(at, `the body is nested deeper than ${DEEPEST} levels`, 'reduce the nesting');
    return new Map();
  }
  const names = Object.keys(object);
  return new Map(names.map((name) => [name, completeValue(ownValue(object, name), [...at, name], bench)]));
}

function completeValue(value: unknown, at: Path, bench: Bench): BodyValue {
  if (typeof value === 'string') {
    if (value !== CURSOR) bench.texts.push(checkText(at, value, bench, bench.problems, scanBodyText));
    return hide(at, value, bench.origins);
  }
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) {
    return value.map((entry: unknown, index) => completeValue(entry, [...at, index], bench));
  }
  if (typeof value === 'object') return completeObject(value, at, bench);
  bench.problems.add(at, 'not a JSON value', 'write text, a number, true, false, null, a list or a mapping');
  return null;
}
