import { existsSync } from 'node:fs';
import { link, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TREATMENTS } from '../../anonymize/treatments/registry.js';
import type { Config } from '../../base/config/config.js';
import type { Effects } from '../../base/effects.js';
import { failure, LakeveilError, systemCode } from '../../base/errors.js';
import { loadDefinition } from '../../definition/load-definition.js';
import { readDefinitions } from '../../definition/load-project.js';
import { parseDefinition } from '../../definition/read/document.js';
import { ownValue } from '../../definition/read/form-at.js';
import { collectFields } from '../../draft/collect-leaves.js';
import { planFields } from '../../draft/plan-draft.js';
import { type Draft, type DraftDataset, writeDraft } from '../../draft/write-draft.js';
import { describeDataset, type DraftDocument } from './drafted.js';
import { type PlacedSample, placeSamples } from './place-samples.js';
import {
  hasRequestFlags,
  readSampleRequest,
  type SampleFlags,
  type SampleRequest,
} from './sample-request.js';
import { type ReadSample, takeSample } from './take-sample.js';

interface Context {
  readonly config: Config;
  readonly effects: Effects;
}

interface DraftRequest {
  /** Name of the pipeline; also of its dataset, if it has only one. */
  readonly name: string;
  /** http(s) URLs without userinfo, query and fragment, or file paths, as typed. */
  readonly from: readonly string[];
  readonly flags: SampleFlags;
}

/**
 * Reads one response of each source and writes `pipelines/NAME.yaml`: the path of the records, the likely pagination, a
 * contract, and a treatment for each field. The samples stay in memory and are not stored. The draft loads without
 * edits. @throws E_TAKEN, E_DRAFT, E_USAGE, E_PLAIN_HTTP, E_ENV_MISSING, E_DISK_READ, E_DISK, errors of exit 3
 */
export async function draftDefinition(
  context: Context,
  { name, from, flags }: DraftRequest,
): Promise<DraftDocument> {
  const { projectDir } = context.config;
  const file = `pipelines/${name}.yaml`;
  const only = from.length === 1 ? name : null;
  const samples = await placeSamples({ projectDir, from, name: only, baseUrl: null });
  assertRequested(samples, flags);
  await assertFree(projectDir, file, samples);
  const request = await readSampleRequest(flags);
  const taken = await takeAll(context, samples, request);
  const draft: Draft = {
    pipeline: name,
    source: describeSource(samples, request),
    datasets: taken.map(({ placed, read }) => planDataset(placed, read, samples, request)),
    hasEditorSchema: existsSync(join(projectDir, 'schemas', 'pipeline.schema.json')),
  };
  const text = writeDraft(draft);
  assertLoadable(context.config, file, text);
  await publish(join(projectDir, file), file, text);
  return {
    pipeline: name,
    file,
    datasets: draft.datasets.map((dataset, i) =>
      describeDataset(dataset, taken[i]?.read.found.records.length ?? 0),
    ),
    questions: text.split('# question:').length - 1,
    raw: samples
      .filter(({ url }) => url === null)
      .map((placed) => ({ file: placed.from, copy_to: placed.copyTo })),
  };
}

interface Taken {
  readonly placed: PlacedSample;
  readonly read: ReadSample;
}

async function takeAll(
  context: Context,
  samples: readonly PlacedSample[],
  request: SampleRequest,
): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  for (const placed of samples)
    taken.push({ placed, read: await takeSample(context, placed, request, null) });
  return taken;
}

/** A file is read, not requested. */
function assertRequested(samples: readonly PlacedSample[], flags: SampleFlags): void {
  if (!hasRequestFlags(flags) || samples.some(({ url }) => url !== null)) return;
  throw failure('E_USAGE', {
    what: 'a file has no headers, query, body or credentials',
    hint: 'leave these flags out, or give the URL of the API with `--from`',
  });
}

/** Files beside an API have base URLs of their own. */
function describeSource(samples: readonly PlacedSample[], { headers, auth }: SampleRequest): Draft['source'] {
  const first = samples.find(({ url }) => url !== null) ?? samples[0];
  const isMoved = first !== undefined && first.copyTo !== null;
  const question = isMoved
    ? 'where do the records come from? Set the URL of the API, or a project folder that contains the file.'
    : null;
  return { baseUrl: first?.baseUrl ?? '', question, headers, auth };
}

function planDataset(
  placed: PlacedSample,
  { format, found, pagination }: ReadSample,
  samples: readonly PlacedSample[],
  request: SampleRequest,
): DraftDataset {
  const { name, baseUrl, path, url } = placed;
  const fields = planFields(collectFields(found.records), name, found.records.length);
  if (!fields.leaves.some(({ column }) => column !== null)) throw failure('E_DRAFT', NO_FIELDS);
  const own = describeSource(samples, request).baseUrl;
  return {
    name,
    path,
    format,
    pagination,
    fields,
    baseUrl: baseUrl === own ? null : baseUrl,
    query: url === null ? new Map() : request.query,
    body: url === null ? null : request.body,
    records: found.path,
    keyed: found.keyed,
  };
}

const NO_FIELDS = {
  why: 'no field of its records has a single type and a valid name',
  fix: 'use a sample with simple fields, or write the definition by hand',
};

/** Files and tables are named after datasets, so a dataset name must be unique across definitions. */
async function assertFree(projectDir: string, file: string, samples: readonly PlacedSample[]): Promise<void> {
  const fix = 'choose another name, or move the file';
  for (const entry of await readDefinitions(projectDir)) {
    if (entry.file === file) throw failure('E_TAKEN', { path: file, what: 'already exists', fix });
    const datasets = ownValue(parseDefinition(entry.file, entry.text).data, 'datasets');
    const known = typeof datasets === 'object' && datasets !== null ? datasets : {};
    const taken = samples.find(({ name }) => Object.hasOwn(known, name));
    if (taken === undefined) continue;
    const what = `already has a dataset ${taken.name}`;
    throw failure('E_TAKEN', { path: entry.file, what, fix: 'choose another name' });
  }
}

/** A draft that does not load is a bug and is never written. */
function assertLoadable({ variables, places }: Config, file: string, text: string): void {
  try {
    loadDefinition({ file, text, treatments: TREATMENTS, variables, places });
  } catch (error) {
    if (error instanceof LakeveilError) throw failure('E_DEFECT', { name: error.code, at: ' by a draft' });
    throw error;
  }
}

/** Writes atomically and never over a definition that was created in the meantime. */
async function publish(path: string, file: string, text: string): Promise<void> {
  try {
    const dir = await mkdtemp(join(dirname(path), '.draft-'));
    try {
      await writeFile(join(dir, 'page'), text, { flag: 'wx' });
      await link(join(dir, 'page'), path);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  } catch (error) {
    const kind = systemCode(error);
    const fix = 'choose another name, or move the file';
    throw kind === 'EEXIST'
      ? failure('E_TAKEN', { path: file, what: 'already exists', fix })
      : failure('E_DISK', { path: file, kind });
  }
}
