import { describe, expect, it } from 'vitest';
import { change, load, PAGE_TEXT } from './page.js';
import { expectRefusal, type Refusal } from './refusal.js';

const REQUEST: readonly Refusal[] = [
  {
    name: 'a placeholder',
    from: 'path: /people/{date}',
    to: '¦path: /people/{day}',
    says: /unknown placeholder/,
    fix: /\{date\}/,
  },
  {
    name: 'a variable in the path, which is shown',
    from: 'path: /people/{date}',
    to: '¦path: "/people/{date}/${API_TOKEN:-none}"',
    says: /`path` cannot contain a variable/,
    fix: /query/,
  },
  { name: 'a slot', from: 'lang: en', to: '¦lang: "{slot}"', says: /unknown placeholder/ },
  {
    name: 'a slot that is no hour',
    from: 'time: by_date',
    to: 'time: by_date\n    ¦slot: day',
    says: /`slot` must be hour/,
  },
  {
    name: 'a slot instead of the date',
    from: 'time: by_date\n    request:\n      path: /people/{date}\n      query: { until: "{next_date}", lang: en }',
    to: '¦time: by_date\n    slot: hour\n    request:\n      path: /people/{slot}',
    says: /does not contain the date/,
  },
  {
    name: 'a slot in a header',
    from: '{ Authorization: "Bearer ${API_TOKEN:-none}" }',
    to: '{ ¦Authorization: "Bearer {slot}" }',
    also: ['API_TOKEN, PAGES', 'PAGES'],
    says: /unknown placeholder/,
  },
  { name: 'a form of a date', from: 'lang: en', to: '¦lang: "{date:HH}"', says: /unknown placeholder/ },
  { name: 'a loose brace', from: 'lang: en', to: '¦lang: "{date"', says: /unknown placeholder/ },
  {
    name: 'by_date without a date',
    from: 'time: by_date\n    request:\n      path: /people/{date}\n      query: { until: "{next_date}", lang: en }',
    to: '¦time: by_date\n    request:\n      path: /people',
    says: /does not contain the date/,
  },
  {
    name: 'seeded without a seed',
    from: 'time: by_date',
    to: '¦time: seeded',
    says: /requires pagination by seed/,
  },
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
    says: /duplicate query parameter/,
  },
  {
    name: 'a size without its parameter',
    from: 'pagination: { type: page, page_param: page, size_param: size,',
    to: '¦pagination: { type: page, page_param: page,',
    says: /must be used together/,
  },
  {
    name: 'an offset without its parameter',
    from: 'pagination: { type: page, page_param: page, size_param: size, size: 100, total_path: meta.total }',
    to: '¦pagination: { type: offset, size_param: size, size: 100 }',
    says: /`offset_param` is missing/,
  },
  {
    name: 'an offset with a size alone',
    from: 'pagination: { type: page, page_param: page, size_param: size, size: 100, total_path: meta.total }',
    to: '¦pagination: { type: offset, offset_param: skip, size: 100 }',
    says: /must be used together/,
  },
  {
    name: 'a size of links',
    from: '{ type: page, page_param: page, size_param: size, size: 100, total_path: meta.total }',
    to: '{ type: link, next_path: next, ¦size: 100 }',
    says: /unknown key `size`/,
  },
  {
    name: 'JSON without a path to its records',
    from: 'records: data.items',
    to: 'format: json',
    also: ['request:', '¦request:'],
    says: /`records` is missing/,
  },
  {
    name: 'records by key in CSV',
    from: 'records: data.items\n      pagination: { type: page, page_param: page, size_param: size, size: 100, total_path: meta.total }',
    to: '¦keyed: true\n      format: csv',
    says: /`keyed` is not supported for csv/,
    and: [/home\.country is nested/, /home\.city is nested/],
  },
  {
    name: 'a path to records in CSV',
    from: 'records: data.items',
    to: '¦records: data.items\n      format: csv',
    says: /paths are not supported for csv/,
    and: [/paths are not supported/, /home\.country is nested/, /home\.city is nested/],
  },
  {
    name: 'a path to a total in lines of JSON',
    from: '      records: data.items\n      pagination: { type: page, page_param: page, size_param: size, size: 100, total_path: meta.total }',
    to: '      format: ndjson\n      pagination: { type: page, page_param: page, ¦total_path: meta.total }',
    says: /paths are not supported for ndjson/,
  },
  {
    name: 'an object in CSV',
    from: '      records: data.items\n      pagination: { type: page, page_param: page, size_param: size, size: 100, total_path: meta.total }',
    to: '      format: csv',
    also: ['country: { type', '¦country: { type'],
    says: /home\.country is nested/,
    and: [/home\.city is nested/],
  },
  {
    name: 'a format that is not known',
    from: 'records: data.items',
    to: '¦format: xml',
    says: /one of json, ndjson, csv/,
  },
  ...['file:///etc', 'file:../x', 'file:a/../b', 'file:', 'file:a//b', 'file:~/x?y'].map((url) => ({
    name: `files outside of the project, ${url}`,
    from: 'base_url: ${API_URL:-https://api.example.org/v1}',
    to: `¦base_url: "${url}"`,
    also: ['env: [API_URL, API_TOKEN', 'env: [API_TOKEN'] as const,
    says: /`base_url` must be `embedded`/,
  })),
  {
    name: 'another API beside the first',
    from: 'request:',
    to: 'request:\n      ¦base_url: https://other.example',
    says: /`base_url` must be `file:`/,
  },
  {
    name: 'pages of a file',
    from: 'request:',
    to: 'request:\n      base_url: file:data',
    also: [
      'query: { until: "{next_date}", lang: en }\n      records: data.items\n      pag',
      'records: data.items\n      ¦pag',
    ],
    says: /`pagination` is not allowed for files/,
  },
  {
    name: 'a query of a file',
    from: 'request:',
    to: 'request:\n      base_url: file:data',
    also: ['query: {', '¦query: {'],
    says: /`query` is not allowed for files/,
    and: [/`pagination` is not allowed for files/],
  },
  ...['/../{date}.csv', '/a*/{date}.csv', '/./{date}', '/a//{date}'].map((path) => ({
    name: `a path out of the folder, ${path}`,
    from: 'request:\n      path: /people/{date}',
    to: `request:\n      base_url: file:data\n      ¦path: ${path}`,
    says: /does not match files in the folder/,
    and: [/`query` is not allowed for files/, /`pagination` is not allowed for files/],
  })),
  {
    name: 'two totals',
    from: 'meta.total }',
    to: 'meta.total, ¦pages_path: meta.pages }',
    says: /cannot be used together/,
  },
  {
    name: 'a header met twice',
    from: '{ Auth',
    to: '{ authorization: x, ¦Auth',
    says: /duplicate header/,
  },
  {
    name: 'the header Host',
    from: '{ Auth',
    to: '{ ¦Host: x, Auth',
    says: /the HTTP client sets this header/,
  },
];

const PAGINATION = '{ type: page, page_param: page, size_param: size, size: 100, total_path: meta.total }';

describe('a request', () => {
  it('may name the hour where all that send it land by the hour', () => {
    const page = change('lang: en', 'lang: en, at: "{slot}"')
      .replace('time: by_date', 'time: by_date\n    slot: hour')
      .replace('headers: { ', 'headers: { x-hour: "{slot}", ');
    const { datasets, source } = load(page);
    expect(datasets.get('people')).toMatchObject({ slot: 'hour' });
    expect(datasets.get('people')?.request.query.get('at')).toBe('{slot}');
    expect(source.headers.get('x-hour')).toBe('{slot}');
    expect(load(PAGE_TEXT).datasets.get('people')?.slot).toBeNull();
  });

  it.each([
    { base: 'file:data', own: '', is: null },
    { base: 'https://api.example.org', own: 'base_url: file:data/rates', is: 'file:data/rates' },
    { base: 'embedded', own: 'base_url: file:.', is: 'file:.' },
  ])('may read files: $base $own', ({ base, own, is }) => {
    const lines = ['query: { until: "{next_date}", lang: en }', `pagination: ${PAGINATION}`];
    const flat = lines.reduce(
      (text, line) => text.replace(line, ''),
      change('path: /people/{date}', `path: /{date}-*.json\n      ${own}`),
    );
    const page = load(flat.replace('https://api.example.org/v1', base));
    expect(page.source.baseUrl).toBe(base);
    expect(page.datasets.get('people')?.request).toMatchObject({ baseUrl: is, path: '/{date}-*.json' });
  });

  it.each([
    {
      text: '{ type: offset, offset_param: skip, size_param: n, size: 50, total_path: meta.total }',
      is: {
        type: 'offset',
        offsetParam: 'skip',
        sizeParam: 'n',
        size: 50,
        total: { in: 'body', name: 'meta.total' },
      },
    },
    {
      text: '{ type: offset, offset_param: skip }',
      is: { type: 'offset', offsetParam: 'skip', sizeParam: null, size: null, total: null, endStatus: [] },
    },
    { text: '{ type: link }', is: { type: 'link', nextPath: null, relation: 'next', morePath: null } },
    { text: '{ type: link, next_path: links.next }', is: { type: 'link', nextPath: 'links.next' } },
    { text: '{ type: link, link_header: Older }', is: { nextPath: null, relation: 'older' } },
    {
      text: '{ type: page, page_param: p, pages_header: X-Pages, last_path: meta.last, end_status: [404] }',
      is: { pages: { in: 'header', name: 'x-pages' }, lastPath: 'meta.last', endStatus: [404] },
    },
    {
      text: '{ type: cursor, cursor_param: c, next_path: [meta, "a.b\\"c"], more_path: has_more }',
      is: { nextPath: 'meta."a.b\\"c"', morePath: 'has_more' },
    },
  ])('pages by $text', ({ text, is }) => {
    expect(load(change(PAGINATION, text)).datasets.get('people')?.request.pagination).toMatchObject(is);
  });

  it.each(REQUEST)('is refused: $name', expectRefusal);
});
