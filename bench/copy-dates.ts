import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addDays } from '../src/base/dates/calendar.js';
import { parseStored } from '../src/base/files/stored-file.js';
import { type Manifest, manifestSchema } from '../src/base/types/manifest.js';
import type { DatasetResult, RunRecord } from '../src/base/types/run-record.js';
import { formatDocument } from '../src/lake/landed-file.js';
import { manifestPath } from '../src/lake/paths.js';
import { readRuns } from '../src/ledger/read-runs.js';
import { createRunId } from '../src/ledger/run-id.js';
import { writeRun } from '../src/ledger/write-run.js';

/** Gives dates before a landed date of `persons` the same files, with a manifest and an entry in the ledger each. */
export async function copyDates(project: string, landed: string, dates: number): Promise<void> {
  const lake = join(project, 'data_lake');
  const key = { dataset: 'persons', date: landed, slot: null };
  const manifest = parseStored<Manifest>(
    await readFile(join(lake, manifestPath(key)), 'utf8'),
    manifestSchema,
    'a manifest',
  );
  const [run] = (await readRuns(lake, 1)).runs;
  if (manifest.kind !== 'found' || run === undefined) throw new RangeError('the model date has not landed');
  for (let days = 1; days < dates; days += 1)
    await copyDate(lake, manifest.value, run, addDays(landed, -days));
  // Without a record of what landed, the next command takes what is there.
  await rm(join(lake, '_landed'), { recursive: true });
}

async function copyDate(lake: string, model: Manifest, run: RunRecord, date: string): Promise<void> {
  const landedAt = `${date}T23:00:00.000Z`;
  const run_id = createRunId(new Date(landedAt));
  const pathOf = (name: string, of: string): string => join(lake, 'raw', ...of.split('-'), name);
  const manifest = { ...model, date, run_id, landed_at: landedAt };
  await mkdir(dirname(join(lake, manifestPath(manifest))), { recursive: true });
  for (const { name } of model.files) await link(pathOf(name, model.date), pathOf(name, date));
  await writeFile(join(lake, manifestPath(manifest)), formatDocument(manifest));
  const datasets = run.datasets.map((dataset) => renameFiles(dataset, model.date, date));
  await writeRun(lake, { ...run, run_id, date, started_at: landedAt, finished_at: landedAt, datasets });
}

function renameFiles(dataset: DatasetResult, from: string, date: string): DatasetResult {
  const [first = null, ...others] = dataset.partitions.map((partition) => ({
    ...partition,
    path: partition.path.replace(from.replaceAll('-', '/'), date.replaceAll('-', '/')),
  }));
  return { ...dataset, partition: first, partitions: first === null ? [] : [first, ...others] };
}
