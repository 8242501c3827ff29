import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { renderPersonsPage } from '../fake-api/persons/persons-page.js';
import { readPersonsQuery } from '../fake-api/persons/persons-query.js';
import { loadVocabulary } from '../fake-api/persons/vocabulary.js';

/**
 * Serves prepared pages of people in rotation, whatever the request, so that generating people is not measured. Prints its
 * URL when it is ready.
 * Arguments: number of pages, records per page, milliseconds before each answer (default: none).
 */
const [pageCount, size, delayMs = 0] = process.argv.slice(2).map(Number);
if (pageCount === undefined || size === undefined)
  throw new RangeError('expected arguments: number of pages, records per page');

const pages: Buffer[] = [];
for (let page = 0; page < pageCount; page++) {
  const query = readPersonsQuery(new URLSearchParams({ _quantity: String(size), _seed: String(page) }));
  const words = await loadVocabulary(query.locale);
  pages.push(Buffer.from(renderPersonsPage(query, words, { generation: 'today', drift: [] })));
}

let next = 0;
const server = createServer((_request, response) => {
  const page = pages[next++ % pages.length];
  const answer = (): void => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': page?.length });
    response.end(page);
  };
  if (delayMs > 0) setTimeout(answer, delayMs);
  else answer();
});
server.listen(0, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
