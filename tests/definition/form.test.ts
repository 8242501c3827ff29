import { describe, it } from 'vitest';
import { expectRefusal, type Refusal } from './refusal.js';

const FORM: readonly Refusal[] = [
  {
    name: 'an unknown key near a known one',
    from: 'timeout: 45s',
    to: '¦tiemout: 45s',
    says: /unknown key `tiemout`/,
    fix: /did you mean `timeout`\? known: base_url, /,
  },
  {
    name: 'an unknown key far from all',
    from: 'timeout: 45s',
    to: '¦slot: hour',
    says: /unknown key `slot`/,
    fix: /^known: base_url, /,
  },
  {
    name: 'a key that is not known',
    from: 'time: by_date',
    to: 'time: by_date\n    ¦evolve: items',
    says: /unknown key `evolve`/,
    fix: /known: time, /,
  },
  {
    name: 'a missing key',
    from: '    request:\n      path: /people/{date}\n',
    to: '    ¦request:\n',
    says: /`path` is missing/,
    fix: /add `path: …`/,
  },
  {
    name: 'text for a number',
    from: 'size: 100',
    to: '¦size: many',
    says: /`size` must be a whole number from 1/,
  },
  {
    name: 'a number beyond its range',
    from: 'size: 100',
    to: '¦size: 0',
    says: /must be a whole number from 1/,
  },
  {
    name: 'a duration without a unit',
    from: 'timeout: 45s',
    to: '¦timeout: 45',
    says: /a duration such as 30s/,
  },
  {
    name: 'a rate without a time',
    from: 'rate_limit: 30/min',
    to: '¦rate_limit: 30',
    says: /a rate such as 30\/min/,
  },
  {
    name: 'a size beyond the bound',
    from: 'max_response: 2MB',
    to: '¦max_response: 2GB',
    says: /a size up to 500MB/,
  },
  {
    name: 'a share above all',
    from: 'max_rejected: 2.5%',
    to: '¦max_rejected: 101%',
    says: /a share such as 5%/,
  },
  {
    name: 'a kind of time that is not known',
    from: 'time: by_date',
    to: '¦time: by_data',
    says: /one of by_date, snapshot, seeded \(did you mean `by_date`\?\)/,
  },
  {
    name: 'a pagination that is not known',
    from: 'type: page,',
    to: '¦type: offsets,',
    says: /`type` must be one of none, page, offset, link, cursor, seed/,
  },
  {
    name: 'a contract that evolves by itself',
    from: 'max_rejected: 2.5%',
    to: '¦on_unknown_field: evolve',
    says: /a new field of the API must not land without a decision/,
    fix: /discard_value, discard_row or freeze/,
  },
  {
    name: 'a name of a dataset',
    from: '  people:\n    time',
    to: '  ¦People:\n    time',
    says: /invalid dataset name: names match/,
    code: 'E_NAME',
  },
  {
    name: 'a name of a column',
    from: 'sex: { from',
    to: '¦sex-: { from',
    says: /invalid column name: names match/,
    code: 'E_NAME',
  },
  {
    name: 'a name of a pipeline',
    from: 'pipeline: people',
    to: '¦pipeline: ../x',
    says: /invalid pipeline name: names match/,
    code: 'E_NAME',
  },
  {
    name: 'a keyword outside the subset',
    from: 'note: { type: string,',
    to: 'note: { type: string, ¦$ref: "#/x",',
    says: /keyword `\$ref` is not supported in a contract/,
    fix: /known: type, /,
  },
  {
    name: 'oneOf',
    from: 'note: { type',
    to: 'note: { ¦oneOf: [], type',
    says: /keyword `oneOf` is not supported/,
  },
  {
    name: 'patternProperties',
    from: '        type: object\n        required: [id',
    to: '        ¦patternProperties: {}\n        type: object\n        required: [id',
    says: /keyword `patternProperties` is not supported/,
  },
  {
    name: 'an array',
    from: 'note: { type: string,',
    to: '¦note: { type: array,',
    says: /an array must have one element type/,
  },
  {
    name: 'a format that is not known',
    from: 'note: { type: string,',
    to: 'note: { type: string, ¦format: money,',
    says: /`format` must be one of date, time/,
  },
  {
    name: 'a class that is not known',
    from: 'x-pii: sensitive',
    to: '¦x-pii: sensitiv',
    says: /one of direct, sensitive, quasi, none \(did you mean `sensitive`\?\)/,
  },
  {
    name: 'the first of several, in file order',
    from: 'concurrency: ${PAGES_AT_ONCE:-4}\n  timeout: 45s',
    to: '¦conurrency: ${PAGES_AT_ONCE:-4}\n  timeout: never',
    says: /`conurrency`/,
    and: [/`timeout` must be a duration/],
  },
];

describe('the form of a page', () => {
  it.each(FORM)('is refused: $name', expectRefusal);
});
