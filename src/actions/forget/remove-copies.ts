import { lstat, readdir } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { ignoreMissing, orDiskError, removeDurably } from '../../base/files/durable.js';
import { type Copy, forgetCopy, listCopies } from '../../lake/copies.js';
import type { Project } from '../../project.js';
import { findLinked } from '../../warehouse/linked-pipelines.js';
import { loadWarehouseProject } from '../../warehouse/project.js';
import { findReports } from '../transform/check-sql.js';
import { knownIn, listPipelines } from '../transform/transform-dates.js';

/** Removes the files of a published site, a folder or one file; gives the paths that were there. */
export type Unpublish = (path: string) => Promise<readonly string[]>;

/**
 * Removes exports and published sites that may show the people: every export of a pipeline that shares tables with theirs,
 * since a table of one date can hold rows of any other, and every site. Gives their paths, relative to the project.
 */
export async function removeCopies(
  project: Project,
  pipeline: string,
  unpublish: Unpublish,
): Promise<string[]> {
  const { projectDir, exportsDir, lakeDir } = project.config;
  const others = await listOtherNames(project, pipeline);
  const removed: string[] = [];
  for (const path of await listExports(exportsDir)) {
    if (others.has(nameOf(path))) continue;
    await removeFile(path);
    removed.push(path);
  }
  for (const site of ['site', 'site.html']) removed.push(...(await unpublish(join(projectDir, site))));
  for (const copy of await listCopies(lakeDir)) {
    if (copy.name !== null && others.has(copy.name)) continue;
    removed.push(...(await removeCopy(copy, unpublish)));
    await forgetCopy(lakeDir, copy);
  }
  return removed.map((path) => showPath(projectDir, path)).sort();
}

/**
 * Removes exports of a pipeline, and of those that share tables with it, that hold rows from before a date: reports of
 * earlier dates, and all tables. Gives their paths, relative to the project.
 */
export async function removeOldExports(
  project: Project,
  pipeline: string,
  before: string,
): Promise<string[]> {
  const { projectDir, exportsDir, lakeDir } = project.config;
  const others = await listOtherNames(project, pipeline);
  const isOld = (name: string, date: string): boolean =>
    !others.has(name) && (date < before || name.includes('.'));
  const removed: string[] = [];
  for (const path of await listExports(exportsDir)) {
    if (!isOld(nameOf(path), basename(dirname(path)))) continue;
    await removeFile(path);
    removed.push(path);
  }
  for (const copy of await listCopies(lakeDir)) {
    if (copy.name === null || copy.date === null || !isOld(copy.name, copy.date)) continue;
    removed.push(...(await removeCopy(copy, () => Promise.resolve([]))));
    await forgetCopy(lakeDir, copy);
  }
  return removed.map((path) => showPath(projectDir, path)).sort();
}

async function removeCopy({ kind, path }: Copy, unpublish: Unpublish): Promise<readonly string[]> {
  if (kind !== 'export') return unpublish(path);
  const stats = await orDiskError(path, () => lstat(path).catch(ignoreMissing));
  if (stats?.isFile() !== true) return [];
  await removeFile(path);
  return [path];
}

function removeFile(path: string): Promise<void> {
  return orDiskError(path, () => removeDurably(path));
}

/** Files of `exports/`; links are not followed. */
async function listExports(folder: string): Promise<string[]> {
  const items = await orDiskError(folder, () =>
    readdir(folder, { withFileTypes: true, recursive: true }).catch(ignoreMissing),
  );
  return (items ?? [])
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
    .sort();
}

/** `silver.users` of `…/silver.users.csv` */
function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1).replace(/\.[a-z]+$/, '');
}

/** Reports and tables of pipelines that share no table with this one. */
async function listOtherNames(project: Project, pipeline: string): Promise<ReadonlySet<string>> {
  const { config, definitions } = project;
  const all = [...definitions].map(([name, { datasets }]) => ({
    pipeline: name,
    datasets: [...datasets.keys()],
  }));
  const linked = await findLinked(config.sqlDir, all, pipeline);
  const { models } = await loadWarehouseProject(listPipelines(project), knownIn(project));
  const names = new Set(models.filter((model) => !linked.has(model.pipeline)).map(({ name }) => name));
  for (const { pipeline: other, datasets } of all.filter((one) => !linked.has(one.pipeline))) {
    for (const { name } of (await findReports(project, other)).reports) names.add(name);
    for (const dataset of datasets) names.add(`bronze.${dataset}`);
  }
  return names;
}

function showPath(projectDir: string, path: string): string {
  const way = relative(projectDir, path);
  return way.startsWith('..') || isAbsolute(way) ? path : way.replaceAll('\\', '/');
}
