import type { PipelineModel } from '../data/models.js';
import { type Content, html } from '../markup.js';
import type { Site } from '../site.js';
import { lakePage } from '../views/lake.js';
import { frame, type Surroundings, type View } from '../views/layout.js';
import type { Place } from '../views/links.js';
import { overviewPage } from '../views/overview.js';
import { pipelinePage } from '../views/pipeline.js';
import { privacyPage } from '../views/privacy.js';
import { runPage } from '../views/run.js';
import { runsPage } from '../views/runs.js';
import { nameCsv, nameFile, type Published } from './file-names.js';
import { inlineReports, writeFileDocument } from './inline-json.js';

/** A file of a published site; all of them lie in one folder. */
export interface SiteFile {
  readonly name: string;
  readonly text: string;
}

/** The pages as files that link to each other, and the tables of the reports. The same lake gives the same bytes. */
export async function* writeFiles(
  site: Site,
  published: Published,
  style: string,
): AsyncGenerator<SiteFile, void, undefined> {
  const around = { ...(await site.surroundings()), current: null };
  const place = placeOf(published);
  for await (const { name, page, current, data } of writePages(site, published, place, around)) {
    const body = html`${frame(page, place, { ...around, current })}${data}`;
    yield { name, text: writeFileDocument(page.title, style, body) };
  }
  for (const [pipeline, dates] of published.dates) {
    for (const date of dates) yield* writeTables(site, pipeline, date);
  }
}

interface NamedPage {
  readonly name: string;
  readonly page: View;
  readonly current: string | null;
  readonly data: Content;
}

async function* writePages(
  site: Site,
  published: Published,
  place: Place,
  around: Surroundings,
): AsyncGenerator<NamedPage, void, undefined> {
  const general = { current: null, data: null };
  yield { name: 'index.html', page: await overviewPage(await site.overview(), place), ...general };
  const runs = await site.runs(null, null);
  const asked = { pipeline: null, before: null };
  yield { name: 'runs.html', page: runsPage(runs, asked, place, around), ...general };
  for (const runId of published.runs) {
    const run = await site.run(runId);
    if (run !== null) yield { name: `run-${runId}.html`, page: runPage(run, place), ...general };
  }
  for (const [pipeline, dates] of published.dates) {
    const own = { ...around, current: pipeline };
    const named = { current: pipeline, data: null };
    const privacy = privacyPage(await site.privacy(pipeline), place, own);
    yield { name: `privacy-${pipeline}.html`, page: privacy, ...named };
    const lake = lakePage(await site.lake(pipeline, null), place, own);
    yield { name: `lake-${pipeline}.html`, page: lake, ...named };
    for (const date of dates.length === 0 ? [null] : dates) {
      const model = hideInternal(await site.pipeline(pipeline, date));
      const name = nameFile({ page: 'pipeline', pipeline, date }, published) ?? '';
      const page = await pipelinePage(model, place, own);
      yield { name, page, current: pipeline, data: inlineReports(model) };
    }
  }
}

/** A report that says `-- internal` stays in the house. */
export function hideInternal(model: PipelineModel): PipelineModel {
  return { ...model, reports: model.reports.filter(({ internal }) => !internal) };
}

/** A CSV for each report that could be run, as `export` writes it. */
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
    desk: null,
    datesOf: (pipeline) => published.dates.get(pipeline) ?? [],
  };
}
