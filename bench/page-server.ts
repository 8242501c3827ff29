import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { renderPersonsPage } from '../fake-api/persons/persons-page.js';
import { readPersonsQuery } from '../fake-api/persons/persons-query.js';
import { loadVocabulary } from '../fake-api/persons/vocabulary.js';

/**
 * Serves pages of people that were made beforehand, one after another and then from the first again, whatever is
 * asked: what it costs to make people is not measured. Prints its URL when it is ready.
 * Arguments: number of pages, records a page.
 */
const [pageCount, size] = process.argv.slice(2).map(Number);
if (pageCount === undefined || size === undefined)
  throw new RangeError('give the number of pages and their size');

const pages: Buffer[] = [];
for (let page = 0; page < pageCount; page++) {
  const query = readPersonsQuery(new URLSearchParams({ _quantity: String(size), _seed: String(page) }));
  const words = await loadVocabulary(query.locale);
  pages.push(Buffer.from(renderPersonsPage(query, words, { generation: 'today', drift: [] })));
}

let next = 0;
const server = createServer((_request, response) => {
  const page = pages[next++ % pages.length];
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': page?.length });
  response.end(page);
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
