import type { PipelineModel } from '../data/models.js';
import { type Content, html } from '../markup.js';
import type { Site } from '../site.js';
import { lakeView } from '../views/lake.js';
import { frame, type Surroundings, type View } from '../views/layout.js';
import type { Place } from '../views/links.js';
import { overviewView } from '../views/overview.js';
import { pipelineView } from '../views/pipeline.js';
import { privacyView } from '../views/privacy.js';
import { runView } from '../views/run.js';
import { ALL_RUNS, runsView } from '../views/runs.js';
import { nameCsv, nameFile, type Published } from './file-names.js';
import { inlineReports, writeFileDocument } from './inline-json.js';

/** A file of a published site. */
export interface SiteFile {
  readonly name: string;
  readonly text: string;
}

/** Writes the views as files that link to each other, and the CSV of each report. The same lake gives the same bytes. */
export async function* writeFiles(
  site: Site,
  published: Published,
  style: string,
): AsyncGenerator<SiteFile, void, undefined> {
  const around = { ...(await site.surroundings()), current: null };
  const place = placeOf(published);
  for await (const { name, view, current, data } of writeViews(site, published, place, around)) {
    const body = html`${frame(view, place, { ...around, current })}${data}`;
    yield { name, text: writeFileDocument(view.title, style, body) };
  }
  for (const [pipeline, dates] of published.dates) {
    for (const date of dates) yield* writeTables(site, pipeline, date);
  }
}

interface NamedView {
  readonly name: string;
  readonly view: View;
  readonly current: string | null;
  readonly data: Content;
}

async function* writeViews(
  site: Site,
  published: Published,
  place: Place,
  around: Surroundings,
): AsyncGenerator<NamedView, void, undefined> {
  const general = { current: null, data: null };
  yield { name: 'index.html', view: await overviewView(await site.overview(), place), ...general };
  const runs = await site.runs(null, null, ALL_RUNS);
  const filter = { pipeline: null, before: null, filter: ALL_RUNS };
  yield { name: 'runs.html', view: runsView(runs, filter, place, around), ...general };
  for (const runId of published.runs) {
    const run = await site.run(runId);
    if (run !== null) yield { name: `run-${runId}.html`, view: runView(run, place), ...general };
  }
  for (const [pipeline, dates] of published.dates) {
    const own = { ...around, current: pipeline };
    const named = { current: pipeline, data: null };
    const privacy = await privacyView(await site.privacy(pipeline), place, own);
    yield { name: `privacy-${pipeline}.html`, view: privacy, ...named };
    const lake = lakeView(await site.lake(pipeline, null), place, own);
    yield { name: `lake-${pipeline}.html`, view: lake, ...named };
    for (const date of dates.length === 0 ? [null] : dates) {
      const model = hideInternal(await site.pipeline(pipeline, date));
      const name = nameFile({ view: 'pipeline', pipeline, date }, published) ?? '';
      const view = await pipelineView(model, place, own);
      yield { name, view, current: pipeline, data: inlineReports(model) };
    }
  }
}

/** Removes reports marked `-- internal`, which are never published. */
export function hideInternal(model: PipelineModel): PipelineModel {
  return { ...model, reports: model.reports.filter(({ internal }) => !internal) };
}

/** Writes the CSV of each report that did not fail, as `export` does. */
async function* writeTables(site: Site, pipeline: string, date: string): AsyncGenerator<SiteFile> {
  const { reports } = hideInternal(await site.pipeline(pipeline, date));
  for (const { name, result } of reports) {
    if ('code' in result) continue;
    yield { name: nameCsv(pipeline, name, date), text: await site.csv(pipeline, name, date) };
  }
}

function placeOf(published: Published): Place {
  return {
    linkTo: (target) => nameFile(target, published),
    linkToCsv: (pipeline, report, date) => nameCsv(pipeline, report, date),
    launcher: null,
    datesOf: (pipeline) => published.dates.get(pipeline) ?? [],
  };
}
