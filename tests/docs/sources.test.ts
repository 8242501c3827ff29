import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { load, PAGE_TEXT } from '../definition/page.js';
import { pull, serve } from '../source/harness.js';

const TEXT = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8');
/** An example, and the answers below it if there are any. */
const EXAMPLES = [
  ...TEXT.matchAll(
    /^```yaml (source|request|dataset|definition)\n(.*?)^```$(?:\n\n```http answers\n(.*?)^```$)?/gms,
  ),
].map(([, place = '', text = '', answers = null]) => ({ place, text, answers }));

interface Definition {
  readonly source: object;
  readonly datasets: Readonly<Record<string, { readonly request: object }>>;
}

interface Part {
  readonly format?: string;
  readonly env?: readonly string[];
}

/** What CSV can hold. */
const FLAT = {
  contract: {
    schema: {
      type: 'object',
      properties: { id: { type: 'integer', minimum: 0, maximum: 9, 'x-pii': 'none' } },
    },
  },
  landing: { id: { from: 'id', treat: 'keep' } },
};

/** An example in a whole definition; `${NAME}` in it needs a variable. */
function loadExample(place: string, text: string) {
  const page = parse(PAGE_TEXT) as Definition;
  const part = parse(text) as Part;
  const datasets = Object.entries(page.datasets).map(([name, dataset]) => {
    if (place === 'source' || place === 'definition') return [name, dataset];
    if (part.format === 'csv') return [name, { time: 'snapshot', request: part, ...FLAT }];
    return [
      name,
      place === 'dataset' ? { ...dataset, ...part } : { ...dataset, time: 'snapshot', request: part },
    ];
  });
  const names = [...text.matchAll(/\$\{([A-Z_]+)\}/g)].map(([, name = '']) => name);
  const definition = load(
    stringify({
      ...page,
      ...(place === 'source' ? { env: names } : {}),
      source: place === 'source' ? part : page.source,
      datasets: Object.fromEntries(datasets) as object,
      ...(place === 'definition' ? part : {}),
    }),
    { API_TOKEN: 'a', ...Object.fromEntries(names.map((name) => [name, 'secret'])) },
  );
  const [dataset] = [...definition.datasets.values()];
  if (dataset === undefined) throw new Error('the example is no dataset');
  return { dataset, source: definition.source };
}

/** Answers as HTTP has them: a status line, headers, an empty line, a body. */
function readAnswers(text: string) {
  return text
    .split(/^(?=HTTP\/1\.1 )/m)
    .filter((answer) => answer !== '')
    .map((answer) => {
      const [head = '', body = ''] = answer.split(/\n\n/, 2);
      const [line = '', ...headers] = head.split('\n');
      const pairs = headers.map((header) => [header.split(': ')[0], header.split(': ')[1]] as const);
      return { status: Number(line.split(' ')[1]), headers: pairs, body: body.trim() };
    });
}

describe('the examples of docs/sources.md', () => {
  it('are all parts of a dataset, or answers to one', () => {
    expect(EXAMPLES).toHaveLength([...TEXT.matchAll(/^```yaml (?!deletions|datasets)/gm)].length);
    const answers = EXAMPLES.filter(({ answers: given }) => given !== null);
    expect(answers).toHaveLength([...TEXT.matchAll(/^```http/gm)].length);
  });

  it.each(EXAMPLES)('work: $text', async ({ place, text, answers }) => {
    const { dataset, source } = loadExample(place, text);
    if (answers === null) return;
    const list = readAnswers(answers);
    const { url, asked } = await serve((_asked, response, count) => {
      const { status, headers, body } = list[count - 1] ?? { status: 500, headers: [], body: '' };
      for (const [name, value] of headers) response.setHeader(name ?? '', value ?? '');
      response.writeHead(status, { 'content-length': Buffer.byteLength(body) }).end(body);
    });
    const { receipt } = await pull(url, dataset, { source: { ...source, retries: 0 } });
    expect(asked).toHaveLength(list.length);
    expect(receipt.records).toBeGreaterThan(0);
  });
});
