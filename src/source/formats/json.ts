import { failure, LakeveilError } from '../../base/errors.js';
import { readBodyPath } from '../../base/json-values.js';
import { TransientFailure } from '../retry.js';
import { assertContainers, assertDepth } from '../structure.js';
import { createJsonParser, type JsonParser } from './exact-numbers.js';
import { type BodyShape, decodeText, type ReadBody } from './format.js';

/**
 * One JSON value, with the records in an array, or as the values of an object, somewhere in it. The checks of structure before and after the parse
 * take 0.25 ms a MB beside 4 ms for the parse.
 */
export function createJsonReader({ records: path, keyed, maxContainers, exact }: BodyShape): ReadBody {
  const parser = createJsonParser(exact);
  return ({ bytes, isFramed }) => {
    assertContainers(bytes, maxContainers);
    const text = decodeText(bytes);
    if (text === null) throw failure('E_SOURCE_NOT_JSON', {});
    const envelope = parseJson(parser, text, isFramed);
    assertDepth(envelope);
    const records = keyed ? readValues(envelope, path) : readRecords(envelope, path);
    parser.settle(records, envelope);
    return { envelope, records };
  };
}

/** A body that starts as JSON may have been truncated if only the end of the connection marks its end: transient. */
function parseJson(parser: JsonParser, text: string, isFramed: boolean): unknown {
  try {
    return parser.parse(text);
  } catch (error) {
    if (error instanceof LakeveilError) throw error;
    if (isFramed || !/^\s*[[{]/.test(text)) throw failure('E_SOURCE_NOT_JSON', {});
    throw new TransientFailure(failure('E_SOURCE_BODY', { kind: 'truncated' }));
  }
}

function readRecords(body: unknown, path: string): readonly unknown[] {
  const found = readBodyPath(body, path);
  if (Array.isArray(found)) return found;
  const expected = path === '' ? 'an array of records as its body' : `an array of records at \`${path}\``;
  throw failure('E_SOURCE_SHAPE', { expected });
}

/** The values of an object, in the order of its keys as `JSON.parse` has it: whole numbers come first, by size. */
function readValues(body: unknown, path: string): readonly unknown[] {
  const found = readBodyPath(body, path);
  if (typeof found === 'object' && found !== null && !Array.isArray(found)) return Object.values(found);
  const place = path === '' ? 'as its body' : `at \`${path}\``;
  throw failure('E_SOURCE_SHAPE', { expected: `an object whose values are the records ${place}` });
}
