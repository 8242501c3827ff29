import { formatMoment } from '../../base/dates/calendar.js';
import { describeBlanked, HIDDEN, isHidden } from '../../base/text/blanked.js';
import { countOf, formatCount } from '../../base/text/numbers.js';
import { drawReport } from '../charts/draw-report.js';
import { LISTED_ROWS, type PipelineModel, type ReportModel, type ReportTable } from '../data/models.js';
import { formatReportCell, nameColumn } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { writeRunForm, writePicker } from './date-picker.js';
import { describeProblem, pickPipeline, type Surroundings, type View } from './layout.js';
import type { Place } from './links.js';
import { table } from './table.js';

/** The reports of a pipeline for one date: each with its chart, its table and its SQL. */
export async function pipelineView(model: PipelineModel, place: Place, around: Surroundings): Promise<View> {
  const { pipeline, description, date } = model;
  const reports = await Promise.all(model.reports.map((report) => writeReport(report, model, place)));
  const body = html`${pickPipeline(around, place, (name) => ({ view: 'pipeline', pipeline: name, date: null }))}
    <div class="title">
      <h1>${pipeline}</h1>
      ${writeRunForm(model, place)}
    </div>
    <p class="lead">${description}</p>
    ${writePicker(model, place)} ${writeLeftOut(model, place)} ${writeAsOf(model)}
    ${date === null ? neverLanded(pipeline, place) : writeAbsence(model)}
    ${model.isLanded && model.isBuilt && model.reports.length === 0 && noReports(pipeline)}
    <div class="reports">${reports}</div>`;
  return { title: date === null ? pipeline : `${pipeline}, ${date}`, section: 'pipeline', body };
}

/** Old numbers are never shown silently. */
function writeLeftOut({ leftOut }: PipelineModel, place: Place): Content {
  if (leftOut === null) return null;
  const href = place.linkTo({ view: 'run', runId: leftOut.runId });
  return html`<p class="problem" role="status">
    ${leftOut.text} ${href !== null && html`<a href="${href}">View the run</a>`}
  </p>`;
}

function writeAsOf({ date, asOf, isLanded, isBuilt }: PipelineModel): Content {
  if (date === null || !isLanded || !isBuilt) return null;
  const built = asOf === null ? '' : `, as of ${formatMoment(asOf, 'minute')} UTC`;
  return html`<p class="note">Data of <span class="date">${date}</span>${built}.</p>`;
}

function neverLanded(pipeline: string, { launcher }: Place): Markup {
  return html`<p class="empty">
    Nothing has landed for ${pipeline} yet. ${launcher === null ? 'Run' : 'Select Run above, or type'}
    <code>pipeline run ${pipeline}</code>${launcher !== null && ' in a terminal'} to land today’s data.
  </p>`;
}

function writeAbsence({ isLanded, isBuilt, pipeline, date, hour, fetchCommand }: PipelineModel): Content {
  if (isLanded && isBuilt) return null;
  if (isLanded) {
    return html`<p class="empty">
      ${date} has landed but is not in the tables yet. Run
      <code>pipeline transform ${pipeline}</code> to build it.
    </p>`;
  }
  return html`<p class="empty">
    Nothing has landed for ${date}. Run <code>${fetchCommand}</code> to fetch
    ${hour === null ? 'it' : 'all its hours'}.
  </p>`;
}

function noReports(pipeline: string): Markup {
  return html`<p class="empty">
    This pipeline has no reports yet. Add a SELECT statement to <code>sql/${pipeline}/reports/</code>.
  </p>`;
}

async function writeReport(report: ReportModel, model: PipelineModel, place: Place): Promise<Markup> {
  const { name, title, result, sql, file } = report;
  const isProblem = 'code' in result;
  return html`<article class="card report" id="${model.pipeline}-${name}">
    <h2>${title}</h2>
    ${await drawReport(report)} ${isProblem ? describeProblem(result) : writeResult(report, result)}
    <footer>
      ${!isProblem && linkToCsv(report, model, place)}
      <details>
        <summary>SQL</summary>
        <p class="note">${file}${model.date !== null && `, with $date = ${model.date}`}</p>
        <pre tabindex="0" role="group" aria-label="SQL of ${name}"><code>${keepLines(sql)}</code></pre>
      </details>
    </footer>
  </article>`;
}

function linkToCsv({ name, title }: ReportModel, { pipeline, date }: PipelineModel, place: Place): Content {
  const href = date === null ? null : place.linkToCsv(pipeline, name, date);
  return href === null
    ? null
    : html`<a class="button" href="${href}" download="${name}-${date}.csv" aria-label="Download CSV: ${title}"
        >Download CSV</a
      >`;
}

/** Keeps the line breaks of a listing, which scrubbing would replace. */
export function keepLines(text: string): Content {
  return text.split('\n').map((line, index) => (index === 0 ? html`${line}` : html`<br />${line}`));
}

function writeResult({ title }: ReportModel, { columns, rows, total, blanked }: ReportTable): Markup {
  if (total === 0) return html`<p class="empty">No rows for this date.</p>`;
  const listed = rows.slice(0, LISTED_ROWS);
  const first = `The first ${formatCount(listed.length)} of ${countOf(total, 'row')}. The CSV contains all of them.`;
  const notes = [
    total > listed.length ? first : null,
    blanked === null ? null : describeBlanked(blanked),
  ].filter((note) => note !== null);
  return table({
    label: title,
    columns: columns.map(({ name, isNumber }) => ({ name: nameColumn(name), isNumber })),
    rows: listed.map((row, at) =>
      columns.map((column, place) =>
        isHidden(blanked, column.name, at, total) ? HIDDEN : formatReportCell(row[place] ?? null, column),
      ),
    ),
    note: notes.length === 0 ? null : notes.join(' '),
  });
}
