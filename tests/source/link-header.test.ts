import { describe, expect, it } from 'vitest';
import { findLink } from '../../src/base/pagination/link-header.js';
import { CANARY, failureOf, makeDataset, makeRecords, pull, serve } from './harness.js';
import { LINK } from './sources.js';

describe('a Link header', () => {
  it.each([
    { name: 'one link', header: '</p?page=2>; rel="next"', next: '/p?page=2' },
    { name: 'among others', header: '</1>; rel="prev", </3>; rel="next", </9>; rel="last"', next: '/3' },
    { name: 'a token for a relation', header: '</3>;rel=next', next: '/3' },
    { name: 'another case', header: '</3>; REL="Next"', next: '/3' },
    { name: 'several relations', header: '</3>; rel="last next"', next: '/3' },
    {
      name: 'commas, semicolons and quotes within',
      header: '</a,b;c>; title="x, \\"y\\"; rel=no"; rel=next',
      next: '/a,b;c',
    },
    { name: 'only the first rel', header: '</1>; rel=prev; rel=next', next: null },
    { name: 'a parameter without a value', header: '</3>; crossorigin; rel=next', next: '/3' },
    { name: 'the first of two', header: '</3>; rel=next, </4>; rel=next', next: '/3' },
    { name: 'blanks everywhere', header: ' </3> ; rel = "next" , </4> ; rel=prev ', next: '/3' },
    { name: 'empty members', header: ', </1>; rel=prev,, </3>; rel=next,', next: '/3' },
    { name: 'about another page', header: '</3>; rel=next; anchor="/other"', next: null },
    { name: 'no relation', header: '</3>', next: null },
    { name: 'nothing', header: '', next: null },
  ])('is read: $name', ({ header, next }) => {
    expect(findLink(header, 'next')).toBe(next);
  });

  it.each(['/3; rel=next', '</3; rel=next', '</3>; rel="next', '</3> rel=next'])(
    'that cannot be read is no end: %s',
    (header) => {
      expect(() => findLink(header, 'next')).toThrow(/Link header/);
    },
  );

  it('leads through the pages, over several header lines, with the request’s headers and nothing added', async () => {
    const server = await serve((asked, response) => {
      const from = Number(asked.query.get('from') ?? 0);
      const next = from < 20 ? [`</v1/x?from=${from + 10}>; rel="next"`] : [];
      const text = JSON.stringify({ data: makeRecords(10, from) });
      response.writeHead(200, { link: ['</v1/x>; rel="first"', ...next], 'content-length': text.length });
      response.end(text);
    });
    const dataset = makeDataset(LINK, { request: { query: new Map([['since', 'x']]) } });
    const pulled = await pull(server.url, dataset, { source: { headers: new Map([['x-token', 't']]) } });
    expect(pulled.pages.flatMap((page) => page.records)).toEqual(makeRecords(30));
    expect(server.asked.map(({ query }) => query.toString())).toEqual(['since=x', 'from=10', 'from=20']);
    expect(server.asked.map(({ headers }) => headers['x-token'])).toEqual(['t', 't', 't']);
  });

  it('to another origin is not followed', async () => {
    const server = await serve((_, response) => {
      const link = `<https://other.example/${encodeURIComponent(CANARY)}>; rel="next"`;
      response.writeHead(200, { link }).end(JSON.stringify({ data: makeRecords(10) }));
    });
    const error = await failureOf(pull(server.url, makeDataset(LINK)));
    expect(error).toMatchObject({ code: 'E_SOURCE_REDIRECT', exit: 3, where: { page: 0 } });
    expect(error.message).not.toContain('other.example');
    expect(server.asked).toHaveLength(1);
  });
});
