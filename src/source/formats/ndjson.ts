import { failure, LakeveilError } from '../../base/errors.js';
import { describeBody } from '../decode-body.js';
import { assertContainers, assertDepth } from '../structure.js';
import { createJsonParser, type JsonParser } from './exact-numbers.js';
import { assertFramed, type BodyShape, decodeText, type ReadBody } from './format.js';

/** One JSON record per line (ndjson.org); empty lines are ignored. An error names the record by its position. */
export function createNdjsonReader({ maxContainers, exact }: BodyShape): ReadBody {
  const parser = createJsonParser(exact);
  return (body) => {
    assertFramed(body);
    assertContainers(body.bytes, maxContainers);
    const text = decodeText(body.bytes);
    if (text === null) throw failure('E_SOURCE_NOT_JSON', { kind: describeBody(body.bytes) });
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    const records = lines.map((line, position) => parseLine(parser, line, position));
    parser.settle(records, records);
    return { envelope: null, records };
  };
}

function parseLine(parser: JsonParser, line: string, position: number): unknown {
  const record = parseJson(parser, line, position);
  assertDepth(record);
  return record;
}

function parseJson(parser: JsonParser, line: string, position: number): unknown {
  try {
    return parser.parse(line);
  } catch (error) {
    if (error instanceof LakeveilError) throw error;
    const kind = describeBody(Buffer.from(line));
    throw failure('E_SOURCE_NOT_JSON', { kind }, { position });
  }
}
