import type { DatasetResult } from '../../src/base/types/run-record.js';
import { serve } from '../source/harness.js';
import { bytes } from '../support/stub-api.js';
import { makeProject, type SmallProject } from './land-project.js';

export interface Landed {
  readonly project: SmallProject;
  readonly datasets: readonly DatasetResult[];
  /** Rows of the dataset `shop_rows`, as JSON. */
  readonly rows: readonly unknown[];
}

/** A definition of datasets, each `name` with its YAML, whose source answers every request with one body. */
export async function openAnswer(
  datasets: Readonly<Record<string, string>>,
  answer: unknown,
  files: Readonly<Record<string, string>> = {},
): Promise<SmallProject> {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  const server = await serve((asked, response) => bytes(text)(response, asked));
  const parts = Object.entries(datasets).map(([name, yaml]) => `  ${name}:\n${indent(yaml)}`);
  const head = `pipeline: shop\nsource: { base_url: '${server.url.origin}' }\ndatasets:\n`;
  return makeProject({ 'pipelines/shop.yaml': head + parts.join('\n'), ...files });
}

function indent(yaml: string): string {
  return yaml
    .trim()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}

/** Lands `shop_rows` from one answer, as `pipeline ingest` does. */
export async function landAnswer(yaml: string, answer: unknown): Promise<Landed> {
  const project = await openAnswer({ shop_rows: yaml }, answer);
  const { datasets } = await project.land({ asOfNow: true });
  const rows = await readRows(project, 'shop_rows');
  return { project, datasets, rows };
}

export async function readRows(project: SmallProject, dataset: string): Promise<readonly unknown[]> {
  const lines = await project.lines(`2026/03/01/${dataset}.parquet`);
  return lines.map((line) => JSON.parse(line) as unknown);
}
