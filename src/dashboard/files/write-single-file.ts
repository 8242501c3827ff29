import { formatMoment } from '../../base/dates/calendar.js';
import { type Content, html, type Markup } from '../markup.js';
import type { Site } from '../site.js';
import { lakeView } from '../views/lake.js';
import type { Surroundings, View } from '../views/layout.js';
import type { Place, Target } from '../views/links.js';
import { overviewView } from '../views/overview.js';
import { pipelineView } from '../views/pipeline.js';
import { privacyView } from '../views/privacy.js';
import { runView } from '../views/run.js';
import { ALL_RUNS, runsView } from '../views/runs.js';
import { nameCsv, type Published } from './file-names.js';
import { inlineReports, writeFileDocument } from './inline-json.js';
import { hideInternal } from './write-files.js';

/** Number of runs included, newest first. */
const SHOWN_RUNS = 10;

/**
 * Writes one self-contained file, suitable for email: the newest date of each pipeline, the newest runs, and each
 * report's CSV as a data URL.
 */
export async function writeSingleFile(site: Site, all: Published, style: string): Promise<string> {
  const published: Published = { ...all, runs: new Set([...all.runs].slice(0, SHOWN_RUNS)) };
  const around: Surroundings = { ...(await site.surroundings()), current: null };
  const place = placeOf(published, await readTables(site, published));
  const sections = [
    section('overview', await overviewView(await site.overview(), place)),
    ...(await writePipelines(site, published, place, around)),
    ...(await writeRuns(site, published, place, around)),
  ];
  const title = around.asOf === null ? 'Report' : `Report as of ${around.asOf.slice(0, 10)}`;
  return writeFileDocument(title, style, frame([...published.dates.keys()], sections, around));
}

async function writePipelines(
  site: Site,
  { dates }: Published,
  place: Place,
  around: Surroundings,
): Promise<Markup[]> {
  // The menu of the file replaces the list of pipelines.
  const context = { ...around, pipelines: [] };
  const sections: Markup[] = [];
  for (const [pipeline, known] of dates) {
    const model = hideInternal(await site.pipeline(pipeline, known.at(-1) ?? null));
    const reports = await pipelineView(model, place, context);
    sections.push(
      section(`pipeline-${pipeline}`, reports, inlineReports(model), listParts(pipeline)),
      section(`privacy-${pipeline}`, await privacyView(await site.privacy(pipeline), place, context)),
      section(`lake-${pipeline}`, lakeView(await site.lake(pipeline, null), place, context)),
    );
  }
  return sections;
}

async function writeRuns(
  site: Site,
  { runs }: Published,
  place: Place,
  around: Surroundings,
): Promise<Markup[]> {
  const filter = { pipeline: null, before: null, filter: ALL_RUNS };
  const context = { ...around, pipelines: [] };
  const sections = [section('runs', runsView(await site.runs(null, null, ALL_RUNS), filter, place, context))];
  for (const runId of runs) {
    const run = await site.run(runId);
    if (run !== null) sections.push(section(`run-${runId}`, runView(run, place)));
  }
  return sections;
}

function section(id: string, { body, title }: View, data: Content = null, head: Content = null): Markup {
  return html`<section id="${id}" class="part" aria-label="${title}">${head}${body}${data}</section>`;
}

/** Links to the other sections of a pipeline. */
function listParts(pipeline: string): Markup {
  return html`<nav aria-label="Sections of ${pipeline}">
    <ul class="picker">
      <li><a href="#privacy-${pipeline}">Privacy</a></li>
      <li><a href="#lake-${pipeline}">Lake</a></li>
    </ul>
  </nav>`;
}

function frame(pipelines: readonly string[], sections: readonly Content[], { asOf }: Surroundings): Markup {
  const part = (id: string, name: string): Markup => html`<li><a href="#${id}">${name}</a></li>`;
  return html`<a class="skip" href="#main">Skip to content</a>
    <header class="top">
      <p class="brand">Lakeveil</p>
      <nav aria-label="Sections">
        <ul>
          ${part('overview', 'Overview')} ${pipelines.map((name) => part(`pipeline-${name}`, name))}
          ${part('runs', 'Runs')}
        </ul>
      </nav>
    </header>
    <main id="main" tabindex="-1">${sections}</main>
    <footer class="foot">
      ${asOf !== null && html`<p>Tables as of ${formatMoment(asOf, 'minute')} UTC.</p>`}
      <p>Personal data was masked before it was written to disk. This file loads no other files.</p>
    </footer>`;
}

/** Each report's CSV as a data URL, by its file name. */
async function readTables(site: Site, { dates }: Published): Promise<ReadonlyMap<string, string>> {
  const tables = new Map<string, string>();
  for (const [pipeline, known] of dates) {
    const date = known.at(-1);
    if (date === undefined) continue;
    const { reports } = hideInternal(await site.pipeline(pipeline, date));
    for (const { name, result } of reports) {
      if ('code' in result) continue;
      const bytes = Buffer.from(await site.csv(pipeline, name, date));
      tables.set(nameCsv(pipeline, name, date), `data:text/csv;base64,${bytes.toString('base64')}`);
    }
  }
  return tables;
}

function placeOf(published: Published, tables: ReadonlyMap<string, string>): Place {
  return {
    linkTo: (target) => linkWithin(target, published),
    linkToCsv: (pipeline, report, date) => tables.get(nameCsv(pipeline, report, date)) ?? null,
    launcher: null,
    datesOf: () => [],
  };
}

function linkWithin(target: Target, { dates, runs }: Published): string | null {
  switch (target.view) {
    case 'overview':
      return '#overview';
    case 'pipeline': {
      const newest = dates.get(target.pipeline)?.at(-1) ?? null;
      return target.date === null || target.date === newest ? `#pipeline-${target.pipeline}` : null;
    }
    case 'privacy':
    case 'lake':
      return dates.has(target.pipeline) ? `#${target.view}-${target.pipeline}` : null;
    case 'runs':
      return target.pipeline === null && target.before === null ? '#runs' : null;
    case 'run':
      return runs.has(target.runId) ? `#run-${target.runId}` : null;
  }
}
