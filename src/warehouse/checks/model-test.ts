import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { failure, type LakeveilError } from '../../base/errors.js';
import { listFolder } from '../../base/files/durable.js';
import { readText } from '../../base/files/small-file.js';
import type { WarehousePipeline } from '../landed-partition.js';
import type { Model } from '../models/model.js';

/** A row of a test; omitted columns are null. */
export type TestRow = Readonly<Record<string, string | number | boolean | null>>;

/** `sql/<pipeline>/tests/<model>.yaml`: input rows of a model, and the rows that it must return. */
export interface ModelTest {
  readonly model: Model;
  readonly file: string;
  /** Rows by qualified table name; an omitted table is empty. */
  readonly given: ReadonlyMap<string, readonly TestRow[]>;
  readonly expected: readonly TestRow[];
}

const rows = z.array(z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])));
const FORM = z.strictObject({ given: z.record(z.string(), rows), expect: rows.min(1) });

/**
 * The model tests of a pipeline, in file order; none if the folder does not exist.
 * @throws E_MODEL with the file, E_DISK_READ
 */
export async function loadModelTests(
  { pipeline, sqlDir }: WarehousePipeline,
  models: readonly Model[],
): Promise<ModelTest[]> {
  const label = `sql/${pipeline}/tests`;
  const own = new Map(models.filter((model) => model.pipeline === pipeline).map((m) => [m.table, m]));
  const tests: ModelTest[] = [];
  const files = (await listFolder(join(sqlDir, 'tests'), label)).filter((name) => name.endsWith('.yaml'));
  for (const name of files) {
    const file = `${label}/${name}`;
    const model = own.get(name.replace(/\.yaml$/, ''));
    if (model === undefined) {
      throw modelError(
        file,
        'there is no model with this name',
        `rename the file to one of: ${[...own.keys()].join(', ')}`,
      );
    }
    tests.push(readTest(model, file, await readText(join(sqlDir, 'tests', name), file)));
  }
  return tests;
}

function readTest(model: Model, file: string, text: string): ModelTest {
  const document = parseDocument(text, { schema: 'core', stringKeys: true, logLevel: 'error' });
  const form = document.errors.length === 0 ? FORM.safeParse(document.toJS()) : null;
  if (form?.success !== true) {
    const fix = 'write `given:` with a list of rows for each table, and `expect:` with a list of rows';
    throw modelError(file, 'the test is not valid', fix);
  }
  const given = new Map(Object.entries(form.data.given));
  const foreign = [...given.keys()].find((table) => !model.reads.includes(table));
  if (foreign !== undefined) {
    const fix = `give rows only for tables that it reads: ${model.reads.join(', ')}`;
    throw modelError(file, `${model.name} does not read one of the given tables`, fix);
  }
  return { model, file, given, expected: form.data.expect };
}

function modelError(file: string, problem: string, fix: string): LakeveilError {
  return failure('E_MODEL', { problem, fix }, { file, stage: 'transform' });
}
