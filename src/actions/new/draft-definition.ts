import { existsSync } from 'node:fs';
import { link, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TREATMENTS } from '../../anonymize/treatments/registry.js';
import type { Config } from '../../base/config/config.js';
import type { Effects } from '../../base/effects.js';
import { failure, LakeveilError, systemCode } from '../../base/errors.js';
import { readText } from '../../base/files/small-file.js';
import type { Definition, SourceDefinition } from '../../base/types/definition.js';
import { loadDefinition } from '../../definition/load-definition.js';
import { loadPipeline, readDefinitions } from '../../definition/load-project.js';
import { collectFields } from '../../draft/collect-leaves.js';
import { describeKnown, describeReferred, linkFields } from '../../draft/find-references.js';
import { planFields } from '../../draft/plan-draft.js';
import { type Draft, writeDraft } from '../../draft/write-draft.js';
import { describeDataset, type DraftDocument } from './drafted.js';
import { addDatasets } from './extend-definition.js';
import { placeDatasets, type PlannedDataset, type Taken } from './place-datasets.js';
import { type PlacedSample, placeSamples } from './place-samples.js';
import {
  hasRequestFlags,
  readSampleRequest,
  type SampleFlags,
  type SampleRequest,
} from './sample-request.js';
import { takeSample } from './take-sample.js';

interface Context {
  readonly config: Config;
  readonly effects: Effects;
}

interface DraftRequest {
  /** Name of the pipeline, also of its dataset if it has only one; with `into`, of the dataset. */
  readonly name: string | null;
  /** The pipeline whose definition gets the datasets; null for a new one. */
  readonly into: string | null;
  /** http(s) URLs without userinfo, query and fragment, or file paths, as typed. */
  readonly from: readonly string[];
  readonly flags: SampleFlags;
  /** The records are not about people. */
  readonly noPeople: boolean;
}

/**
 * Reads one response of each source and writes `pipelines/NAME.yaml`, or adds to it: the path of the records, the likely
 * pagination, a contract, and a treatment for each field. The samples stay in memory and are not stored. The draft loads
 * without edits. @throws E_TAKEN, E_DRAFT, E_USAGE, E_PLAIN_HTTP, E_ENV_MISSING, E_DISK_READ, E_DISK, errors of exit 3
 */
export async function draftDefinition(context: Context, wanted: DraftRequest): Promise<DraftDocument> {
  const { config } = context;
  const { name, into, from, flags, noPeople } = wanted;
  const target = await openTarget(config, wanted);
  const baseUrl = target.definition?.source.baseUrl ?? null;
  const only = from.length === 1 ? name : null;
  const samples = await placeSamples({ projectDir: config.projectDir, from, name: only, baseUrl });
  assertRequested(samples, flags, into);
  await assertFree(config.projectDir, into === null ? target.file : null, samples);
  const request = await readSampleRequest(flags);
  const taken = await takeAll(context, samples, request, target.definition?.source ?? null);
  const source = describeSource(samples, request);
  const own = baseUrl ?? source.baseUrl;
  const known = await listDatasets(config.projectDir);
  const planned = linkAll(taken, target.definition, noPeople);
  const datasets = placeDatasets(planned, known, { own, request, noPeople });
  const text = writeTarget(target, {
    source,
    datasets: datasets.map(({ dataset }) => dataset),
    noPeople,
  });
  assertLoadable(config, target.file, text);
  await publish(target, text);
  return {
    pipeline: target.pipeline,
    file: target.file,
    datasets: datasets.map(({ dataset, count }) => describeDataset(dataset, count)),
    questions: text.split('# question:').length - 1,
    raw: samples
      .filter(({ url }) => url === null)
      .map((placed) => ({ file: placed.from, copy_to: placed.copyTo })),
  };
}

/** The file that a draft is written to. */
interface Target {
  readonly pipeline: string;
  /** Relative to the project. */
  readonly file: string;
  readonly path: string;
  /** The text before, and what it defines; null if it is new. */
  readonly text: string | null;
  readonly definition: Definition | null;
  readonly hasEditorSchema: boolean;
}

async function openTarget(config: Config, { name, into }: DraftRequest): Promise<Target> {
  const { projectDir, variables, places } = config;
  const pipeline = into ?? name ?? '';
  const file = `pipelines/${pipeline}.yaml`;
  const path = join(projectDir, file);
  const hasEditorSchema = existsSync(join(projectDir, 'schemas', 'pipeline.schema.json'));
  const target = { pipeline, file, path, hasEditorSchema };
  if (into === null) return { ...target, text: null, definition: null };
  const definition = await loadPipeline({ projectDir, treatments: TREATMENTS, variables, places }, into);
  return { ...target, definition, text: await readText(path, file) };
}

function writeTarget(
  { pipeline, file, text, hasEditorSchema }: Target,
  draft: Pick<Draft, 'source' | 'datasets' | 'noPeople'>,
): string {
  return text === null ? writeDraft({ pipeline, ...draft, hasEditorSchema }) : addDatasets(file, text, draft);
}

async function takeAll(
  context: Context,
  samples: readonly PlacedSample[],
  request: SampleRequest,
  source: SourceDefinition | null,
): Promise<readonly Taken[]> {
  const taken: Taken[] = [];
  // Those of other records need these first.
  for (const placed of samples.toSorted((a, b) => Number(a.parent !== null) - Number(b.parent !== null))) {
    const parents = taken.find((other) => other.placed.name === placed.parent?.dataset)?.read.records ?? [];
    taken.push({ placed, read: await takeSample(context, placed, request, source, parents) });
  }
  return taken;
}

/** Plans the fields of all datasets; an id that refers to one of them gets the scope of its tokens. */
function linkAll(
  taken: readonly Taken[],
  definition: Definition | null,
  noPeople: boolean,
): readonly PlannedDataset[] {
  const planned = taken.map(({ placed, read }) => {
    const { records } = read;
    const { leaves, ...rest } = collectFields(records);
    const facts = { records: records.length, isPartial: !read.hasLast, noPeople };
    const fields = planFields({ leaves, ...rest }, placed.name, facts);
    if (!fields.leaves.some(({ column }) => column !== null)) throw failure('E_DRAFT', NO_FIELDS);
    return { placed, read, leaves, fields, nested: rest.nested };
  });
  const known = [...(definition?.datasets.values() ?? [])].map(({ name, landing, primaryKey }) => {
    const key = landing.find((column) => primaryKey.includes(column.name) && column.treatment === 'token');
    const scope = key?.params['scope'];
    return describeKnown(name, typeof scope === 'string' ? scope : null);
  });
  const drafted = planned.map(({ placed, fields, leaves }) => describeReferred(placed.name, fields, leaves));
  return planned.map(({ placed, read, leaves, fields, nested }) => ({
    placed,
    read,
    nested,
    fields: linkFields(fields, placed.name, leaves, [...drafted, ...known]),
  }));
}

/** A file is read, not requested, and a definition has one set of credentials. */
function assertRequested(samples: readonly PlacedSample[], flags: SampleFlags, into: string | null): void {
  if (into !== null && (flags.header.length > 0 || flags.auth !== undefined)) {
    throw failure('E_USAGE', {
      what: '--into uses the headers and credentials of the definition',
      hint: `leave --header and --auth out, and set them in pipelines/${into}.yaml if they are missing`,
    });
  }
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

const NO_FIELDS = {
  why: 'no field of its records has a single type and a valid name',
  fix: 'use a sample with simple fields, or write the definition by hand',
};

/** Files and tables are named after datasets, so a dataset name must be unique across definitions. */
async function assertFree(
  projectDir: string,
  file: string | null,
  samples: readonly PlacedSample[],
): Promise<void> {
  const fix = 'choose another name, or move the file';
  for (const entry of await readDefinitions(projectDir)) {
    if (entry.file === file) throw failure('E_TAKEN', { path: file, what: 'already exists', fix });
    const taken = samples.find(({ name }) => entry.datasets.includes(name));
    if (taken === undefined) continue;
    const what = `already has a dataset ${taken.name}`;
    throw failure('E_TAKEN', { path: entry.file, what, fix: 'choose another name' });
  }
}

/** The names of all datasets of the project. */
async function listDatasets(projectDir: string): Promise<Set<string>> {
  return new Set((await readDefinitions(projectDir)).flatMap(({ datasets }) => datasets));
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

/** Writes atomically, and never over a definition that was created or changed in the meantime. */
async function publish({ path, file, text: before }: Target, text: string): Promise<void> {
  const fix = before === null ? 'choose another name, or move the file' : 'run the command again';
  const what = before === null ? 'already exists' : 'was changed in the meantime';
  try {
    const dir = await mkdtemp(join(dirname(path), '.draft-'));
    try {
      await writeFile(join(dir, 'page'), text, { flag: 'wx' });
      if (before === null) await link(join(dir, 'page'), path);
      else if ((await readText(path, file)) !== before) throw failure('E_TAKEN', { path: file, what, fix });
      else await rename(join(dir, 'page'), path);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof LakeveilError) throw error;
    const kind = systemCode(error);
    throw kind === 'EEXIST'
      ? failure('E_TAKEN', { path: file, what, fix })
      : failure('E_DISK', { path: file, kind });
  }
}
