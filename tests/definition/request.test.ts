import { describe, it } from 'vitest';
import type { Refusal } from './refusal.js';
import { expectRefusal } from './refusal.js';

const REQUEST: readonly Refusal[] = [
  {
    name: 'a placeholder',
    from: 'path: /people/{date}',
    to: '¦path: /people/{day}',
    says: /placeholder is not known/,
    fix: /\{date\}/,
  },
  { name: 'a slot', from: 'lang: en', to: '¦lang: "{slot}"', says: /placeholder is not known/ },
  { name: 'a form of a date', from: 'lang: en', to: '¦lang: "{date:HH}"', says: /placeholder is not known/ },
  { name: 'a loose brace', from: 'lang: en', to: '¦lang: "{date"', says: /placeholder is not known/ },
  {
    name: 'by_date without a date',
    from: 'time: by_date\n    request:\n      path: /people/{date}\n      query: { until: "{next_date}", lang: en }',
    to: '¦time: by_date\n    request:\n      path: /people',
    says: /must ask for the date/,
  },
  { name: 'seeded without a seed', from: 'time: by_date', to: '¦time: seeded', says: /must send a seed/ },
  {
    name: 'a path with a query',
    from: 'path: /people/{date}',
    to: '¦path: /people?d={date}',
    says: /must be a path/,
  },
  {
    name: 'a path of another host',
    from: 'path: /people/{date}',
    to: '¦path: //people/{date}',
    says: /must be a path/,
  },
  {
    name: 'a query parameter met twice',
    from: 'page_param: page',
    to: '¦page_param: lang',
    says: /met twice/,
  },
  {
    name: 'a size without its parameter',
    from: 'pagination: { type: page, page_param: page, size_param: size,',
    to: '¦pagination: { type: page, page_param: page,',
    says: /go together/,
  },
  {
    name: 'two totals',
    from: 'meta.total }',
    to: 'meta.total, ¦pages_path: meta.pages }',
    says: /say the same/,
  },
  {
    name: 'a header met twice',
    from: '{ Auth',
    to: '{ authorization: x, ¦Auth',
    says: /header is met twice/,
  },
  { name: 'the header Host', from: '{ Auth', to: '{ ¦Host: x, Auth', says: /set by the connection/ },
];

describe('a request', () => {
  it.each(REQUEST)('is refused: $name', expectRefusal);
});
