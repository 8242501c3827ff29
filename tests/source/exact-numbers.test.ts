import { describe, expect, it } from 'vitest';
import { PLAIN_CSV } from '../../src/base/types/csv-definition.js';
import { createJsonReader } from '../../src/source/formats/json.js';
import { createNdjsonReader } from '../../src/source/formats/ndjson.js';

const exact = [['id'], ['sum', 'net'], ['lines', 'price'], ['prices', null, 'net']].map((steps) => ({
  steps,
  hasBooleans: false,
}));
const leaves = new Map<string, never>();
const readJson = createJsonReader({
  list: { place: { records: 'data', keyed: false, keyAs: null, singleAsList: false, columns: null }, exact },
  others: new Map(),
  csv: PLAIN_CSV,
  maxContainers: 100_000,
  leaves,
});

function read(record: string) {
  return readJson({ bytes: Buffer.from(`{"total":9007199254740993,"data":[${record}]}`), isFramed: true });
}

describe('a page with leaves of exact digits', () => {
  it.each([
    { sent: '{"id":9007199254740993}', got: { id: '9007199254740993' } },
    { sent: '{"id":123456789012345678901234567890}', got: { id: '123456789012345678901234567890' } },
    { sent: '{"id":7}', got: { id: '7' } },
    { sent: '{"id":1.0}', got: { id: '1.0' } },
    { sent: '{"id":1e3}', got: { id: '1e3' } },
    { sent: '{"id":-0}', got: { id: '-0' } },
    { sent: '{"id":"007"}', got: { id: '007' } },
    { sent: '{"id":null}', got: { id: null } },
    { sent: '{"id":[9007199254740993]}', got: { id: ['9007199254740993'] } },
    { sent: '{"sum":{"net":0.10}}', got: { sum: { net: '0.10' } } },
    { sent: '{"sum":{"net":79228162514264337.10}}', got: { sum: { net: '79228162514264337.10' } } },
    { sent: '{"sum":5}', got: { sum: 5 } },
    { sent: '{"lines":[{"price":1.50},{"price":2}]}', got: { lines: [{ price: '1.50' }, { price: '2' }] } },
    {
      sent: '{"n":1.50,"other":[1.0,{"x":9007199254740993}]}',
      got: { n: 1.5, other: [1, { x: 9007199254740992 }] },
    },
    { sent: '{"prices":{"a":{"net":1.10}}}', got: { prices: { a: { net: '1.10' } } } },
    { sent: '{"n":1e400}', got: { n: Infinity } },
    { sent: '{"id":1,"id":2.0}', got: { id: '2.0' } },
  ])('$sent', ({ sent, got }) => {
    const { records, envelope } = read(sent);
    expect(records).toEqual([got]);
    expect(envelope).toMatchObject({ total: 9007199254740992 });
  });

  it('keeps a field called __proto__ to itself', () => {
    const [record] = read('{"__proto__":{"id":1.0}}').records;
    expect(Object.getPrototypeOf(record)).toBe(Object.prototype);
    expect(Object.keys(Object(record) as object)).toEqual(['__proto__']);
  });

  it.each([
    { name: 'brackets without end', text: '['.repeat(90_000), code: 'E_SOURCE_STRUCTURE' },
    { name: 'half a text', text: '{"data":[{"id":"canary', code: 'E_SOURCE_NOT_JSON' },
  ])('is refused: $name', ({ text, code }) => {
    const parse = () => readJson({ bytes: Buffer.from(text), isFramed: true });
    expect(parse).toThrow(expect.objectContaining({ code }));
    expect(parse).not.toThrow(/canary/);
  });

  it('may come as lines', () => {
    const readLines = createNdjsonReader({
      list: { place: { records: '', keyed: false, keyAs: null, singleAsList: false, columns: null }, exact },
      others: new Map(),
      csv: PLAIN_CSV,
      maxContainers: 10,
      leaves,
    });
    const bytes = Buffer.from('{"id":9007199254740993}\n{"n":1.0}\n');
    expect(readLines({ bytes, isFramed: true }).records).toEqual([{ id: '9007199254740993' }, { n: 1 }]);
  });
});
