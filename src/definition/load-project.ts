import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { failure, joinProblems, LakeveilError } from '../base/errors.js';
import type { DocumentCache } from '../base/files/document-cache.js';
import { listFolder } from '../base/files/durable.js';
import { readText } from '../base/files/small-file.js';
import { parseJson } from '../base/json-values.js';
import { NAME } from '../base/names.js';
import type { Definition } from '../base/types/definition.js';
import type { Treatments } from './complete/complete-landing.js';
import { completeDefinition } from './load-definition.js';
import { type DefinitionDocument, parseDefinition, restoreDefinition } from './read/document.js';
import { ownValue } from './read/form-at.js';
import type { Environment } from './read/interpolate.js';
import { Problems } from './read/problems.js';

const FOLDER = 'pipelines';
const ENDING = '.yaml';

interface ProjectInput extends Environment {
  /** Folder that holds `pipelines/`. */
  readonly projectDir: string;
  readonly treatments: Treatments;
  /** False for work that masks nothing: the treatments are then not tried in DuckDB. */
  readonly isMasking?: boolean;
}

/** The data of definitions, for work that masks nothing: what masks parses its definition itself. */
export type ParsedCache = DocumentCache<unknown>;

/** A definition of the project with a unique name and unique datasets, not validated further. */
interface DefinitionFile {
  readonly pipeline: string;
  /** Relative to the project folder. */
  readonly file: string;
  readonly text: string;
  readonly datasets: readonly string[];
  /** The parsed text, once. @throws E_DEFINITION */
  readonly parse: () => DefinitionDocument;
}

/**
 * All definitions of a project by pipeline, sorted by name, or those of the given pipelines. The problems of all of them
 * are thrown as one error.
 * @param pipelines null for all
 * @throws as `readDefinitions` and `loadDefinition`
 */
export async function loadProject(
  input: ProjectInput,
  pipelines: ReadonlySet<string> | null = null,
): Promise<ReadonlyMap<string, Definition>> {
  const entries = await readDefinitions(input.projectDir);
  return loadEntries(
    input,
    entries.filter(({ pipeline }) => pipelines?.has(pipeline) !== false),
  );
}

export type Entries = readonly DefinitionFile[];

/**
 * The definitions of some files.
 * @param variablesOf the variables of each pipeline
 * @throws as `loadDefinition`, the problems of all of them as one error
 */
export async function loadEntries(
  input: ProjectInput,
  entries: Entries,
  variablesOf: (pipeline: string) => Environment['variables'] = () => input.variables,
): Promise<ReadonlyMap<string, Definition>> {
  const definitions = new Map<string, Definition>();
  const problems: LakeveilError[] = [];
  for (const entry of entries) {
    try {
      const { pipeline } = entry;
      definitions.set(pipeline, await loadEntry({ ...input, variables: variablesOf(pipeline) }, entry));
    } catch (error) {
      if (!(error instanceof LakeveilError) || error.problems.length === 0) throw error;
      problems.push(...error.problems);
    }
  }
  const [first, ...others] = problems;
  if (first !== undefined) throw joinProblems([first, ...others]);
  return definitions;
}

async function loadEntry(input: ProjectInput, entry: DefinitionFile): Promise<Definition> {
  const document = entry.parse();
  checkName(document, entry.pipeline);
  const definition = completeDefinition(document, input);
  if (input.isMasking !== false) await examineTreatments(definition, document, input.treatments);
  return definition;
}

/**
 * One definition of a project. Variables of other definitions may be missing; dataset names must be unique across
 * definitions. Throws E_UNKNOWN with the known names.
 */
export async function loadPipeline(input: ProjectInput, pipeline: string): Promise<Definition> {
  const entries = await readDefinitions(input.projectDir);
  return loadEntry(input, findEntry(entries, pipeline));
}

/** @throws E_UNKNOWN with the known names */
export function findEntry(entries: readonly DefinitionFile[], pipeline: string): DefinitionFile {
  const entry = entries.find((known) => known.pipeline === pipeline);
  if (entry !== undefined) return entry;
  const known = entries.map((other) => other.pipeline).join(', ');
  throw failure('E_UNKNOWN', {
    kind: 'pipeline',
    known: known === '' ? `none (${FOLDER}/ has no definitions)` : known,
  });
}

/**
 * Reads `pipelines/*.yaml`. Throws E_NAME or E_DEFINITION if two definitions have the same dataset, or if a file ends in
 * `.yml`, which would be ignored silently.
 */
export async function readDefinitions(
  projectDir: string,
  cache: ParsedCache | null = null,
): Promise<readonly DefinitionFile[]> {
  const owners = new Map<string, string>();
  const entries: DefinitionFile[] = [];
  for (const base of await listPages(projectDir)) {
    const entry = await readDefinitionFile(projectDir, base, cache);
    claimDatasets(entry, owners);
    entries.push(entry);
  }
  return entries;
}

async function listPages(projectDir: string): Promise<string[]> {
  return (await listFolder(join(projectDir, FOLDER), FOLDER)).filter((name) => /\.ya?ml$/.test(name));
}

async function readDefinitionFile(
  projectDir: string,
  base: string,
  cache: ParsedCache | null,
): Promise<DefinitionFile> {
  const file = `${FOLDER}/${base}`;
  const pipeline = base.slice(0, -ENDING.length);
  if (!base.endsWith(ENDING)) {
    throw failure(
      'E_DEFINITION',
      { problem: 'definition files must end in .yaml', fix: 'rename the file' },
      { file },
    );
  }
  if (!NAME.test(pipeline)) throw failure('E_NAME', { kind: 'pipeline' }, { file });
  const path = join(projectDir, file);
  const stats = cache?.look(path);
  const text = await readText(path, file);
  let document: DefinitionDocument | null = null;
  const parse = (): DefinitionDocument => {
    const known = cache?.find(file, path);
    document ??= known === undefined ? parseDefinition(file, text) : restoreDefinition(file, text, known);
    // JSON has no NaN and no infinity.
    if (known === undefined && isDeepStrictEqual(parseJson(JSON.stringify(document.data)), document.data))
      cache?.add(file, stats, document.data);
    return document;
  };
  return { pipeline, file, text, datasets: findDatasets(text) ?? listDatasets(parse()), parse };
}

function listDatasets({ data }: DefinitionDocument): string[] {
  const datasets = ownValue(data, 'datasets');
  return typeof datasets === 'object' && datasets !== null ? Object.keys(datasets) : [];
}

/**
 * The names under `datasets:` where the text is in the plain form that needs no parser: a block at the start of a line
 * whose keys are names at one indentation. Null for every other form, such as a flow map, a quoted key or an alias.
 */
function findDatasets(text: string): string[] | null {
  const [, block, ...others] = text.split(/^datasets:[ ]*(?:#.*)?\r?$/m);
  if (block === undefined || others.length > 0 || UNUSUAL.test(text)) return null;
  const lines = block.split('\n').filter((line) => !/^\s*(?:#.*)?$/.test(line));
  const end = lines.findIndex((line) => !line.startsWith(' '));
  const own = end === -1 ? lines : lines.slice(0, end);
  const indent = /^ +/.exec(own[0] ?? '')?.[0].length ?? 0;
  const keys = own.filter((line) => line.search(/\S/) <= indent).map((line) => PLAIN_KEY.exec(line));
  if (indent === 0 || keys.some((key) => key?.[1]?.length !== indent)) return null;
  return keys.map((key) => key?.[2] ?? '');
}

/** Quoted keys, complex keys, directives, nodes with properties or flow style at the start of a line; tabs. */
const UNUSUAL = /^["'?%&*!{[]|^datasets[ ]+:|\t/m;
const PLAIN_KEY = /^( +)([a-z][a-z0-9_]*):[ ]*(?:#.*)?\r?$/;

function checkName(document: DefinitionDocument, pipeline: string): void {
  const name = ownValue(document.data, 'pipeline');
  if (name === pipeline || typeof name !== 'string') return;
  const problems = new Problems(document);
  const fix = `write \`pipeline: ${pipeline}\`, or rename the file`;
  problems.add(['pipeline'], 'the pipeline name differs from the file name', fix);
  problems.assertNone();
}

/** Names of files and tables do not contain the pipeline, so dataset names are unique across definitions. */
function claimDatasets({ file, datasets, parse }: DefinitionFile, owners: Map<string, string>): void {
  const names = datasets.filter((known) => NAME.test(known));
  const taken = names.filter((name) => owners.has(name));
  if (taken.length > 0) {
    const problems = new Problems(parse());
    for (const name of taken) {
      const what = `dataset ${name} is defined twice: in ${owners.get(name) ?? ''} and in ${file}`;
      problems.add(['datasets', name], what, 'rename one of them');
    }
    problems.assertNone();
  }
  for (const name of names) owners.set(name, file);
}

/** Runs the treatment checks that need a DuckDB instance. @throws E_DEFINITION with the places in the definition */
export async function examineTreatments(
  { datasets }: Definition,
  document: DefinitionDocument,
  treatments: Treatments,
): Promise<void> {
  const problems = new Problems(document);
  for (const dataset of datasets.values()) {
    for (const { name, from, treatment, params, reviewed } of dataset.landing) {
      const objection = await treatments.get(treatment)?.examine(from, params, reviewed !== null);
      if (objection === undefined || objection === null) continue;
      const { parameter, why } = objection;
      const at = ['datasets', dataset.name, 'landing', name, parameter];
      problems.add(at, `\`${parameter}\` of column ${name}: ${why}`, 'see `sql` in docs/pipelines.md');
    }
  }
  problems.assertNone();
}
