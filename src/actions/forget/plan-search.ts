import { checkKey } from '../../anonymize/keys.js';
import { computeTokens, findPersonColumn, isToken, listLookups } from '../../anonymize/lookup.js';
import { findFormerKey, findMasterKey, type MasterKey } from '../../base/config/key.js';
import { failure } from '../../base/errors.js';
import type { Checkpoint, KeyMark } from '../../base/types/checkpoint.js';
import type { DatasetDefinition, LandingColumn } from '../../base/types/definition.js';
import type { Manifest } from '../../base/types/manifest.js';
import type { Project } from '../../project.js';

/** A value that people are looked up by, as it came from its line. It stays in memory. */
export interface LookupValue {
  readonly text: string;
  /** From 1 on. */
  readonly line: number;
}

/** Where people are looked for, and by which tokens. */
export interface Search {
  readonly pipeline: string;
  readonly dataset: DatasetDefinition;
  /** The lookup column, and the column that stands for the person; it may be the same. */
  readonly by: LandingColumn;
  readonly person: LandingColumn;
  /** The key that masks now. */
  readonly current: MasterKey;
  /** Every key at hand that the lake names, and the current one. */
  readonly keys: readonly MasterKey[];
  /** Tokens of the values under each key, by key id. */
  readonly lookups: ReadonlyMap<string, readonly string[]>;
  /** Partitions and checkpoints with tokens to compare; some of them are unsearchable by the lookup. */
  readonly partitions: readonly Manifest[];
  readonly checkpoints: readonly Checkpoint[];
  readonly unsearchable: readonly Unsearchable[];
}

/** A partition or checkpoint that may hold rows of the people that cannot be found. */
export interface Unsearchable {
  readonly partition: Manifest | null;
  readonly checkpoint: Checkpoint | null;
  readonly name: string;
  readonly why: string;
}

/**
 * Finds the keys, computes the tokens of the values under each, and decides what can be searched.
 * @throws E_UNKNOWN for a dataset or a column that is no lookup; E_KEY_MISSING, E_KEY_INVALID; E_USAGE for a value that is
 * not of the field's type
 */
export async function planSearch(
  project: Project,
  { dataset: name, by: column }: { readonly dataset: string; readonly by: string },
  values: readonly LookupValue[],
): Promise<Search> {
  const { pipeline, dataset } = findDataset(project, name);
  const by = findLookup(dataset, column);
  const { checkpoints } = await project.lake.listKept();
  const own = checkpoints.filter((one) => one.dataset === name);
  const manifests = (await project.lake.list()).filter((one) => one.dataset === name);
  const current = await findMasterKey(project.config);
  const keys = await findKeys(project, current, [
    ...manifests.flatMap(keyMarkOf),
    ...own.flatMap((one) => one.keys),
  ]);
  const lookups = new Map<string, readonly string[]>();
  for (const key of keys) lookups.set(key.id, await tokensOf(dataset, by, key, values));
  const search = { pipeline, dataset, by, person: findPersonColumn(dataset) ?? by, current, keys, lookups };
  const isKnown = (mark: KeyMark): boolean => keys.some((key) => isSame(key, mark));
  const unsearchable = [
    ...manifests.flatMap((one) => describePartition(one, search, isKnown)),
    ...own.flatMap((one) => describeCheckpoint(one, by, isKnown)),
  ];
  const columns = [search.by, search.person];
  const hasTokens = (one: Manifest): boolean => columns.some((landing) => findColumn(one, landing) !== null);
  return { ...search, partitions: manifests.filter(hasTokens), checkpoints: own, unsearchable };
}

function findDataset({ definitions }: Project, name: string) {
  for (const { pipeline, datasets } of definitions.values()) {
    const dataset = datasets.get(name);
    if (dataset !== undefined) return { pipeline, dataset };
  }
  const known = [...definitions.values()].flatMap(({ datasets }) => [...datasets.keys()]).sort();
  throw failure('E_UNKNOWN', { kind: 'dataset', known: known.join(', ') });
}

function findLookup(dataset: DatasetDefinition, name: string): LandingColumn {
  const lookups = listLookups(dataset);
  const found = lookups.find((column) => column.name === name);
  if (found !== undefined) return found;
  const known = lookups.map((column) => column.name).join(', ') || 'none: land a token of one field';
  const column = dataset.landing.find((landing) => landing.name === name);
  if (column === undefined) throw failure('E_UNKNOWN', { kind: `lookup column of ${dataset.name}`, known });
  const why = isToken(column) ? 'is a token of several fields' : 'is not a token';
  const what = `column ${name} of ${dataset.name} ${why}, and people are found by a token of one whole field`;
  throw failure('E_USAGE', { what, hint: `lookup columns of ${dataset.name}: ${known}` });
}

function keyMarkOf({ key_id, key_check }: Manifest): KeyMark[] {
  return key_id === null || key_check === null ? [] : [{ key_id, key_check }];
}

function isSame(key: MasterKey, { key_id, key_check }: KeyMark): boolean {
  return key.id === key_id && checkKey(key) === key_check;
}

/** The current key, and of the others that the lake names those that are at hand. */
async function findKeys(
  { config }: Project,
  current: MasterKey,
  marks: readonly KeyMark[],
): Promise<MasterKey[]> {
  const keys = [current];
  for (const mark of marks) {
    if (keys.some((key) => isSame(key, mark))) continue;
    const former = await findFormerKey(config, mark.key_id);
    if (former !== null && isSame(former, mark)) keys.push(former);
  }
  return keys;
}

async function tokensOf(
  dataset: DatasetDefinition,
  by: LandingColumn,
  key: MasterKey,
  values: readonly LookupValue[],
): Promise<string[]> {
  const [leaf] = by.from;
  const texts = new Map([[leaf?.path ?? '', values.map(({ text }) => text)]]);
  const tokens = await computeTokens(dataset, by, key, texts);
  return values.map(({ line }, index) => {
    const token = tokens[index] ?? null;
    if (token !== null) return token;
    const what = `the value of line ${line} is not a ${leaf?.type ?? ''}, the type of ${by.name}`;
    throw failure('E_USAGE', { what, hint: 'write one value of that field on each line' });
  });
}

/** The column of the partition that was made as the definition makes it; null if there is none. */
export function findColumn({ columns }: Manifest, { name, params }: LandingColumn): string | null {
  const found = columns.find((column) => column.name === name && isToken(column));
  const isSameMade = ['scope', 'normal'].every((param) => found?.params[param] === params[param]);
  return found !== undefined && isSameMade ? name : null;
}

function describePartition(
  manifest: Manifest,
  { by }: Pick<Search, 'by'>,
  isKnown: (mark: KeyMark) => boolean,
): Unsearchable[] {
  const { dataset, date, slot } = manifest;
  const [mark] = keyMarkOf(manifest);
  const name = `${dataset} of ${date}${slot === null ? '' : `T${slot}`}`;
  const about = { partition: manifest, checkpoint: null, name };
  if (findColumn(manifest, by) === null)
    return [{ ...about, why: `it has no column ${by.name} of this kind` }];
  if (mark === undefined || isKnown(mark)) return [];
  return [{ ...about, why: `its key ${mark.key_id} is not at hand` }];
}

function describeCheckpoint(
  checkpoint: Checkpoint,
  by: LandingColumn,
  isKnown: (mark: KeyMark) => boolean,
): Unsearchable[] {
  const about = { partition: null, checkpoint, name: `the checkpoint of ${checkpoint.model}` };
  const unknown = checkpoint.keys.find((mark) => !isKnown(mark));
  if (unknown !== undefined) return [{ ...about, why: `its key ${unknown.key_id} is not at hand` }];
  if (checkpoint.columns.some(({ name }) => name === by.name)) return [];
  return [{ ...about, why: `it has no column ${by.name}` }];
}
