import type { z } from 'zod';
import { isObject } from '../../base/json-values.js';
import { type DefinitionForm, PAGE } from '../definition-shape.js';
import type { Path } from './document.js';
import { ownValue } from './form-at.js';
import { plain } from './issues.js';
import type { Problems } from './problems.js';

type Issue = z.core.$ZodIssue;

/** Each round removes at least one part; a part that goes may leave its parent without a required key. */
const MOST_ROUNDS = 50;

/**
 * A definition without the parts that `issues` are about, so that the meaning of the rest can be evaluated. What is
 * removed is hidden from `problems`. Null if nothing remains. Changes `data`.
 */
export function takeSoundParts(
  data: unknown,
  issues: readonly Issue[],
  problems: Problems,
): DefinitionForm | null {
  let faults = issues;
  for (let round = 0; round < MOST_ROUNDS && isObject(data); round++) {
    for (const issue of faults) {
      for (const path of listFaulty(issue)) takeOut(data, path, issue.code === 'invalid_key', problems);
    }
    const result = PAGE.safeParse(data);
    if (result.success) return result.data;
    faults = result.error.issues;
  }
  return null;
}

/** A leaf, a column, a list and a pagination are judged as a whole; elsewhere, a key goes without its neighbors. */
function listFaulty(issue: Issue): readonly Path[] {
  const at = plain(issue.path);
  const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...at, key]) : [at];
  return paths.map((path) => {
    const inner = path[2] === 'contract' ? path.lastIndexOf('properties') : -1;
    if (inner > 3 && path.length > inner + 2) return path.slice(0, inner + 2);
    if (path[2] === 'landing' || path[3] === 'pagination') return path.slice(0, 4);
    if (path[2] === 'request' && path[3] === 'format') return path.slice(0, 3);
    const entry = path.findIndex((key) => typeof key === 'number');
    return entry === -1 ? path : path.slice(0, entry);
  });
}

function takeOut(data: unknown, path: Path, isKeyInvalid: boolean, problems: Problems): void {
  problems.hide(path);
  const [key = '', above] = [path.at(-1), path.slice(0, -1)];
  const holder = above.reduce<unknown>((value, step) => ownValue(value, step), data);
  const value = ownValue(holder, key);
  const instead = isKeyInvalid ? undefined : findPlaceholder(path, value);
  if (!isObject(holder) || (value === undefined && instead === undefined)) {
    if (above.length > 0) takeOut(data, above, false, problems);
    return;
  }
  Reflect.deleteProperty(holder, key);
  if (instead !== undefined) Object.assign(holder, { [key]: instead });
  else if (isKeyInvalid && path[2] === 'landing') keepColumn(holder, value, above, problems);
}

/** The leaves of a column with an invalid name are decided all the same. */
function keepColumn(landing: object, column: unknown, at: Path, problems: Problems): void {
  const key = `unnamed_${Object.keys(landing).length}`;
  Object.assign(landing, { [key]: column });
  problems.hide([...at, key]);
}

/** What stands for a required part, so that the parts beside it can be evaluated. */
function findPlaceholder(path: Path, value: unknown): unknown {
  const [top, , part, ...rest] = path;
  if (path.length === 1 && top === 'pipeline') return 'unnamed';
  if (path.length === 1 && top === 'source') return { base_url: 'embedded' };
  if (top === 'source' && path.length === 2 && path[1] === 'base_url') return 'embedded';
  if (top !== 'datasets') return undefined;
  if (part === 'time') return 'snapshot';
  if (part === 'request') return rest.length === 0 ? REQUEST : ownValue(REQUEST, rest.join('.'));
  if (part === 'contract')
    return rest.length === 0 ? { schema: EMPTY } : ownValue({ schema: EMPTY }, rest.join('.'));
  if (part !== 'landing') return undefined;
  return rest.length === 0 ? {} : { from: readFrom(value), treat: '' };
}

const REQUEST = { path: '/', records: '' };
const EMPTY = { type: 'object', properties: {} };

/** The leaves of a column; `''` if they are unknown. */
function readFrom(column: unknown): string | string[] {
  const from = [ownValue(column, 'from')].flat().filter((path) => typeof path === 'string');
  return from.length === 0 ? '' : from;
}
