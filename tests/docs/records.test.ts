import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { openAnswer } from '../ingest/land-answer.js';

const TEXT = readFileSync(new URL('../../docs/records.md', import.meta.url), 'utf8');
const FENCES = /^```json answer\n(.*?)^```\n\n```yaml landed\n(.*?)^```\n\n```text rows\n(.*?)^```$/gms;
const EXAMPLES = [...TEXT.matchAll(FENCES)].map(([whole, answer = '', yaml = '', rows = '']) => ({
  name: titleOf(TEXT.indexOf(whole)),
  ...{ answer, yaml, rows },
}));

function titleOf(at: number): string {
  return [...TEXT.slice(0, at).matchAll(/^## (.*)$/gm)].at(-1)?.[1] ?? '';
}

/** A dataset, or several by name; the rows are those of the last one. */
function readDatasets(yaml: string): Record<string, string> {
  if ('contract' in (parse(yaml) as object)) return { shop_rows: yaml };
  const parts = yaml.split(/^(?=\w+:\n)/m).map((part) => part.split(/:\n(.*)/s));
  return Object.fromEntries(parts.map(([name = '', body = '']) => [name, body.replaceAll(/^ {2}/gm, '')]));
}

describe('the examples of docs/records.md', () => {
  it('are all run', () => {
    expect(EXAMPLES).toHaveLength([...TEXT.matchAll(/^```yaml/gm)].length);
  });

  it.each(EXAMPLES)('land what they show: $name', async ({ answer, yaml, rows }) => {
    const datasets = readDatasets(yaml);
    const project = await openAnswer(datasets, answer);
    await project.land({ asOfNow: true });
    const lines = await project.lines(`2026/03/01/${Object.keys(datasets).at(-1) ?? ''}.parquet`);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      rows.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as unknown])),
    );
  });
});
