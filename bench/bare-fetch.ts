import pLimit from 'p-limit';
import { Agent } from 'undici';

/** Fetches pages and discards them, to measure the cost of the network and the server alone. Prints milliseconds. */
const [origin, pageCount, concurrency] = process.argv.slice(2);
if (origin === undefined) throw new RangeError('expected arguments: origin, number of pages, concurrency');

const agent = new Agent({ connections: Number(concurrency), pipelining: 1 });
const limit = pLimit(Number(concurrency));
const startedAt = performance.now();
await Promise.all(
  Array.from({ length: Number(pageCount) }, () =>
    limit(async () => {
      const { body } = await agent.request({ origin, path: '/api/v2/persons', method: 'GET' });
      await body.arrayBuffer();
    }),
  ),
);
console.log(performance.now() - startedAt);
await agent.close();
