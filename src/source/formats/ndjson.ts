import { failure } from '../../errors.js';
import { refuseContainers, refuseDepth } from '../structure.js';
import { refuseUnframed } from './framing.js';
import type { BodyShape, ReadBody } from './format.js';
import { decodeText } from './format.js';

/** One JSON record a line (ndjson.org); empty lines are passed over. An error names the record by its position. */
export function createNdjsonReader({ maxContainers }: BodyShape): ReadBody {
  return (body) => {
    refuseUnframed(body);
    refuseContainers(body.bytes, maxContainers);
    const text = decodeText(body.bytes);
    if (text === null) throw failure('E_SOURCE_NOT_JSON', {});
    const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
    return { envelope: null, records: lines.map(parseLine) };
  };
}

function parseLine(line: string, position: number): unknown {
  const record = parseJson(line, position);
  refuseDepth(record);
  return record;
}

function parseJson(line: string, position: number): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw failure('E_SOURCE_NOT_JSON', {}, { position });
  }
}
