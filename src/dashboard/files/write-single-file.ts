import type { Surroundings } from '../layout.js';
import type { Place, Target } from '../links.js';
import type { Content, Markup } from '../markup.js';
import { html } from '../markup.js';
import type { Page } from '../layout.js';
import { lakePage } from '../pages/lake.js';
import { overviewPage } from '../pages/overview.js';
import { pipelinePage } from '../pages/pipeline.js';
import { privacyPage } from '../pages/privacy.js';
import type { Site } from '../site.js';
import { writeFileDocument } from './file-document.js';
import { nameCsv } from './file-names.js';
import type { Published } from './file-names.js';
import { inlineReports } from './inline-json.js';
import { hideInternal } from './write-files.js';

/** One file with everything in it, to be mailed: the newest date of each pipeline, and the tables as links that hold them. */
export async function writeSingleFile(site: Site, published: Published, style: string): Promise<string> {
  const around: Surroundings = { ...(await site.surroundings()), current: null };
  const tables = await readTables(site, published);
  const place = placeOf(published, tables);
  // The picker of pipelines is the menu of the file itself.
  const alone = { ...around, pipelines: [] };
  const sections: Content[] = [section('overview', await overviewPage(await site.overview(), place))];
  for (const [pipeline, dates] of published.dates) {
    const model = hideInternal(await site.pipeline(pipeline, dates.at(-1) ?? null));
    sections.push(
      section(`pipeline-${pipeline}`, await pipelinePage(model, place, alone), inlineReports(model)),
      section(`privacy-${pipeline}`, privacyPage(await site.privacy(pipeline), place, alone)),
      section(`lake-${pipeline}`, lakePage(await site.lake(pipeline, null), place, alone)),
    );
  }
  const title = around.asOf === null ? 'Report' : `Report as of ${around.asOf.slice(0, 10)}`;
  return writeFileDocument(title, style, frame([...published.dates.keys()], sections, around));
}

function section(id: string, { body, title }: Page, data: Content = null): Markup {
  return html`<section id="${id}" class="part" aria-label="${title}">${body}${data}</section>`;
}

function frame(pipelines: readonly string[], sections: readonly Content[], { asOf }: Surroundings): Markup {
  const part = (id: string, name: string): Markup => html`<li><a href="#${id}">${name}</a></li>`;
  return html`<a class="skip" href="#main">To the page</a>
    <header class="top">
      <p class="brand">Lakeveil</p>
      <nav aria-label="Parts">
        <ul>
          ${part('overview', 'Overview')} ${pipelines.map((name) => part(`pipeline-${name}`, name))}
        </ul>
      </nav>
    </header>
    <main id="main" tabindex="-1">${sections}</main>
    <footer class="foot">
      ${asOf !== null && html`<p>As of the run that ended ${asOf.slice(0, 10)} ${asOf.slice(11, 16)} UTC.</p>`}
      <p>What is shown was masked before it touched a disk; this file loads nothing.</p>
    </footer>`;
}

/** Each report's CSV as an address that holds it, by the name of its file. */
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

function placeOf({ dates }: Published, tables: ReadonlyMap<string, string>): Place {
  return {
    linkTo: (target) => linkWithin(target, dates),
    linkToCsv: (pipeline, report, date) => tables.get(nameCsv(pipeline, report, date)) ?? null,
    desk: null,
    datesOf: () => [],
  };
}

function linkWithin(target: Target, dates: Published['dates']): string | null {
  switch (target.page) {
    case 'overview':
      return '#overview';
    case 'pipeline': {
      const newest = dates.get(target.pipeline)?.at(-1) ?? null;
      return target.date === null || target.date === newest ? `#pipeline-${target.pipeline}` : null;
    }
    case 'privacy':
    case 'lake':
      return `#${target.page}-${target.pipeline}`;
    case 'runs':
    case 'run':
      return null;
  }
}
