import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { load, PAGE_TEXT } from '../definition/page.js';

const TEXT = readFileSync(new URL('../../docs/sources.md', import.meta.url), 'utf8');
const EXAMPLES = [...TEXT.matchAll(/^```yaml (request|dataset)\n(.*?)^```$/gms)].map(
  ([, place = '', text = '']) => ({ place, text }),
);

interface Definition {
  readonly datasets: Readonly<Record<string, { readonly request: object }>>;
}

describe('the examples of docs/sources.md', () => {
  it('are all parts of a dataset', () => {
    expect(EXAMPLES).toHaveLength([...TEXT.matchAll(/^```yaml/gm)].length);
  });

  it.each(EXAMPLES)('load: $text', ({ place, text }) => {
    const page = parse(PAGE_TEXT) as Definition;
    const part = parse(text) as object;
    const datasets = Object.entries(page.datasets).map(([name, dataset]) => [
      name,
      place === 'dataset' ? { ...dataset, ...part } : { ...dataset, time: 'snapshot', request: part },
    ]);
    const definition = load(stringify({ ...page, datasets: Object.fromEntries(datasets) as object }));
    expect(definition.datasets.size).toBe(1);
  });
});
