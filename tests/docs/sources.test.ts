import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { load, PAGE_TEXT } from '../definition/page.js';

const TEXT = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8');
const REQUESTS = [...TEXT.matchAll(/^```yaml request\n(.*?)^```$/gms)].map(([, text = '']) => text);

interface Definition {
  readonly datasets: Readonly<Record<string, { readonly request: object }>>;
}

describe('the examples of docs/sources.md', () => {
  it('are all requests', () => {
    expect(REQUESTS).toHaveLength([...TEXT.matchAll(/^```yaml/gm)].length);
  });

  it.each(REQUESTS)('load: %s', (text) => {
    const page = parse(PAGE_TEXT) as Definition;
    const datasets = Object.entries(page.datasets).map(([name, dataset]) => [
      name,
      { ...dataset, time: 'snapshot', request: parse(text) as object },
    ]);
    const definition = load(stringify({ ...page, datasets: Object.fromEntries(datasets) as object }));
    const [dataset] = definition.datasets.values();
    expect(dataset?.request.path).toMatch(/^\/v1/);
  });
});
