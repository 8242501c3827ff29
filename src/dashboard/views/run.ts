import { formatMoment } from '../../base/dates/calendar.js';
import { countOf, formatBytes, formatCount } from '../../base/text/numbers.js';
import { ALL_PIPELINES, type StageMetrics } from '../../base/types/run-record.js';
import { orderStages, type RunModel } from '../data/models.js';
import { describeStatus, describeVerdict, elapsedMs, formatMs } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';
import { describeProblem, type View } from './layout.js';
import type { Place } from './links.js';
import { writeDatasets } from './run-datasets.js';
import { describeDate } from './runs.js';
import { table } from './table.js';

/** One run, stage by stage. A run started by this dashboard is followed live. */
export function runView(run: RunModel, place: Place): View {
  const name =
    run.pipeline === ALL_PIPELINES
      ? `${run.command}, all pipelines`
      : `${run.pipeline}, ${describeDate(run)}`;
  const isLive = run.isHere && run.status === 'running';
  const reports = place.linkTo({ view: 'pipeline', pipeline: run.pipeline, date: run.date });
  const body = html`<div class="title">
      <h1>${name}</h1>
      ${describeStatus(run.status)}
    </div>
    <p class="lead">
      <code>pipeline ${run.command}</code>, started ${formatMoment(run.startedAt)} UTC${describeEnd(run)}
    </p>
    ${isLive && writeLive(run)}
    ${run.error !== null && html`${describeProblem(run.error, run.error.onDisk)}${describeWhere(run.error.where)}`}
    ${
      (run.status === 'succeeded' || run.status === 'unchanged') &&
      run.date !== null &&
      reports !== null &&
      html`<p><a class="button" href="${reports}">View reports</a></p>`
    }
    <section>
      <h2>Stages</h2>
      ${writeStages(run)}
    </section>
    ${writeDatasets(run.datasets)} ${writeModels(run)} ${writeChecks(run)} ${writeProcess(run)}`;
  return { title: `Run of ${name}`, section: 'runs', body, refresh: isLive ? 3 : null };
}

function describeEnd(run: RunModel): string {
  const took = elapsedMs(run.startedAt, run.finishedAt);
  if (took !== null) return `, took ${formatMs(took)}.`;
  return run.isHere ? '.' : '. Its end is not recorded: it is running in another process, or it was killed.';
}

/** The script fills this in; it reads the data attributes. */
function writeLive({ runId }: RunModel): Markup {
  return html`<section class="card live" data-live="${runId}" aria-labelledby="live">
    <h2 id="live">In progress</h2>
    <p class="status" role="status">Starting…</p>
    <progress aria-label="Records fetched"></progress>
    <ol class="log" aria-label="Events" tabindex="0"></ol>
    <p class="note">The run continues if you close this page.</p>
  </section>`;
}

function describeWhere(where: readonly (readonly [string, string])[]): Content {
  if (where.length === 0) return null;
  return html`<dl class="facts">
    ${where.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** Stages run in parallel, so their times add up to more than the duration of the run: only their shares are shown. */
function writeStages({ stages, isHere, runId }: RunModel): Markup {
  if (stages.length === 0 && !isHere) return html`<p class="empty">No stage has reported metrics.</p>`;
  const whole = Math.max(
    1,
    stages.reduce((sum, { busy_ms }) => sum + busy_ms, 0),
  );
  const listed = table({
    label: 'Stages',
    columns: [
      { name: 'Stage' },
      { name: 'Dataset' },
      { name: 'Rows in', isNumber: true },
      { name: 'Rows out', isNumber: true },
      { name: 'Share of work' },
    ],
    rows: orderStages(stages).map((stage) => writeStage(stage, whole)),
    note: 'Stages work in parallel: the share is of the time that all of them worked. Rows of transform count all landed data and all tables. Rows of report count the tables read and the results.',
  });
  // The script updates the rows while the run is in progress.
  return isHere ? html`<div data-stages-of="${runId}">${listed}</div>` : listed;
}

function writeStage({ stage, dataset, rows_in, rows_out, busy_ms }: StageMetrics, whole: number): Content[] {
  return [
    stage,
    dataset ?? 'all',
    formatCount(rows_in),
    formatCount(rows_out),
    html`<meter min="0" max="${whole}" value="${busy_ms}" aria-label="Share of ${stage}"></meter>
      ${Math.round((100 * busy_ms) / whole)} %`,
  ];
}

/** A run updates the whole warehouse; tables of other pipelines are listed only if they changed. */
function writeModels({ models, pipeline }: RunModel): Content {
  if (models.length === 0) return null;
  const own = models.filter((model) => model.pipeline === pipeline);
  const changed = models.filter((model) => model.pipeline !== pipeline && model.built !== 'skipped');
  const listed = [...own, ...changed];
  const left = models.length - listed.length;
  return html`<section>
    <h2>Tables</h2>
    ${table({
      label: 'Tables',
      columns: [
        { name: 'Table' },
        { name: 'Built' },
        { name: 'Dates read', isNumber: true },
        { name: 'Rows', isNumber: true },
      ],
      rows: listed.map(({ model, built, dates, rows }) => [
        model,
        built === 'skipped' ? 'unchanged' : built,
        formatCount(dates),
        formatCount(rows),
      ]),
      note:
        left === 0
          ? null
          : `${countOf(left, 'table')} of other pipelines ${left === 1 ? 'is' : 'are'} unchanged.`,
    })}
  </section>`;
}

function writeChecks({ checks, otherChecks }: RunModel): Content {
  if (checks.length === 0) return null;
  return html`<section>
    <h2>Checks</h2>
    ${table({
      label: 'Checks',
      columns: [
        { name: 'Check' },
        { name: 'Dataset' },
        { name: 'Date' },
        { name: 'Result' },
        { name: 'Found', isNumber: true },
      ],
      rows: checks.map(({ check, dataset, date, passed, severity, found }) => [
        check,
        dataset ?? 'tables',
        date ?? 'all',
        passed
          ? describeVerdict('good', 'Passed')
          : describeVerdict(
              severity === 'error' ? 'bad' : 'watch',
              severity === 'error' ? 'Failed' : 'Warned',
            ),
        formatCount(found),
      ]),
      note:
        otherChecks === 0
          ? null
          : `${countOf(otherChecks, 'check')} of other pipelines also ran. See the Overview for their results.`,
    })}
  </section>`;
}

function writeProcess({ cpuMs, peakMemoryBytes, runId, toolVersion, healed }: RunModel): Markup {
  return html`<section>
    <h2>Process</h2>
    <dl class="facts">
      ${
        cpuMs !== null &&
        html`<div>
          <dt>CPU time</dt>
          <dd>${formatMs(cpuMs)}</dd>
        </div>`
      }
      ${
        peakMemoryBytes !== null &&
        html`<div>
          <dt>Peak memory</dt>
          <dd>${formatBytes(peakMemoryBytes)}</dd>
        </div>`
      }
      <div>
        <dt>Version</dt>
        <dd>${toolVersion}</dd>
      </div>
      <div>
        <dt>Run ID</dt>
        <dd><code>${runId}</code></dd>
      </div>
    </dl>
    ${healed.length > 0 && html`<p class="quiet">Completed the interrupted commit of ${countOf(healed.length, 'earlier run')}.</p>`}
  </section>`;
}
