import { failure } from '../../base/errors.js';
import type { BodyValue } from '../../base/types/definition.js';
import type { RequestForm } from '../definition-shape.js';
import type { Path } from '../read/document.js';
import { ownValue } from '../read/form-at.js';
import { keyOf } from '../read/interpolate.js';
import { scanBodyText } from '../read/placeholders.js';
import type { Problems } from '../read/problems.js';
import { hide, type Origins } from '../read/request-texts.js';

const DEEPEST = 32;

export interface CompletedBody {
  readonly body: ReadonlyMap<string, BodyValue> | null;
  readonly usesDate: boolean;
}

interface Bench {
  readonly hasSlot: boolean;
  readonly origins: Origins;
  readonly problems: Problems;
}

/** The body of a POST, with texts from variables hidden; errors go to `problems`. */
export function completeBody(form: RequestForm, at: Path, bench: Bench): CompletedBody {
  const { method, body, pagination } = form;
  const isIn = 'in' in pagination && pagination.in === 'body';
  if (method === 'GET' && body !== undefined) {
    bench.problems.add(
      [...at, 'body'],
      'a GET request cannot have a body',
      'write `method: POST`, or remove `body`',
    );
  }
  if (method === 'GET' && isIn) {
    bench.problems.add(
      [...at, 'pagination', 'in'],
      'a GET request cannot have a body',
      'write `method: POST`, or `in: query`',
    );
  }
  if (body === undefined) return { body: isIn ? new Map() : null, usesDate: false };
  const texts: boolean[] = [];
  const completed = completeObject(body, [...at, 'body'], bench, texts);
  return { body: completed, usesDate: texts.includes(true) };
}

function completeObject(
  object: object,
  at: Path,
  bench: Bench,
  texts: boolean[],
): ReadonlyMap<string, BodyValue> {
  if (at.length > DEEPEST) {
    bench.problems.add(at, `the body is nested deeper than ${DEEPEST} levels`, 'reduce the nesting');
    return new Map();
  }
  const names = Object.keys(object);
  return new Map(
    names.map((name) => [name, completeValue(ownValue(object, name), [...at, name], bench, texts)]),
  );
}

/** `texts` collects for each text whether it contains the date. */
function completeValue(value: unknown, at: Path, bench: Bench, texts: boolean[]): BodyValue {
  if (typeof value === 'string') {
    texts.push(checkBodyText(at, value, bench));
    return hide(at, value, bench.origins);
  }
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (Array.isArray(value)) {
    return value.map((entry: unknown, index) => completeValue(entry, [...at, index], bench, texts));
  }
  if (typeof value === 'object') return completeObject(value, at, bench, texts);
  bench.problems.add(at, 'not a JSON value', 'write text, a number, true, false, null, a list or a mapping');
  return null;
}

function checkBodyText(at: Path, text: string, { hasSlot, origins, problems }: Bench): boolean {
  const { usesDate, flaw } = scanBodyText(text, hasSlot);
  if (flaw === null) return usesDate;
  const name = origins.get(keyOf(at))?.given ?? null;
  if (name === null) problems.add(at, flaw.what, flaw.fix);
  else {
    const wants = 'text without placeholders';
    problems.addFailure(at, (where) => failure('E_ENV_INVALID', { name, wants }, where));
  }
  return usesDate;
}
