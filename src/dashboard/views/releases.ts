import { countOf, formatCount } from '../../base/text/numbers.js';
import { type ReleaseDate, type ReleaseFacts, worstOf } from '../../base/types/release-result.js';
import { drawBars } from '../charts/bar.js';
import { drawBoth } from '../charts/draw-report.js';
import { drawLines } from '../charts/line.js';
import type { ReleaseView } from '../data/list-releases.js';
import { describeVerdict, formatShare } from '../figures.js';
import { type Content, html, type Markup } from '../markup.js';

/** Whom a table can single out, before and after its release is generalized: the newest date, then k over dates. */
export async function writeReleases(releases: readonly ReleaseView[]): Promise<Content> {
  return Promise.all(releases.map(writeRelease));
}

async function writeRelease({ newest, dates }: ReleaseView): Promise<Markup> {
  const { release, from, counts, require, quasi, sensitive, outcome } = newest;
  const day = dates.at(-1);
  if (day === undefined) {
    return html`<section>
      <h2>Whom does ${release} single out?</h2>
      <p class="empty">Nothing has been released yet.</p>
    </section>`;
  }
  const when = day.date === null ? '' : ` (${day.date})`;
  const unit = counts === 'people' ? 'people' : 'rows';
  return html`<section class="release">
    <h2>Whom does ${release} single out?</h2>
    <p class="lead">
      ${describeVerdict(outcome === 'failed' ? 'bad' : 'good', outcome === 'failed' ? 'Not published.' : 'No one alone.')}
      ${describeAnswer(day, unit, require.k)}
    </p>
    <p>
      ${from} singles out ${formatCount(day.before.unique_people)} of ${formatCount(day.people)} ${unit}
      ${when} by ${quasi.join(', ')}. ${counts === 'rows' && 'No column names people, so rows are counted.'}
    </p>
    <div class="tiles">
      ${tile(show(day.after.k), `k: ${unit} in the smallest class; at least ${formatCount(require.k)} are required, ${from} has ${show(day.before.k)}`)}
      ${sensitive.map((column) => writeSensitive(column, day, newest))}
      ${sensitive.length === 0 && tile('–', 'l and t are not measured: the release names no sensitive column')}
      ${tile(formatShare(day.people === 0 ? 0 : day.suppressed / day.people), `of ${unit} are left out, since too few look like them`)}
    </div>
    ${writeLevels(newest)}
    <div class="pair">
      ${await drawSizes(`${from}: ${unit} by size of class`, day.before)}
      ${await drawSizes(`${release}: ${unit} by size of class`, day.after)}
    </div>
    ${await drawDates(dates)} ${writeChanges(dates, require.k)}
  </section>`;
}

function describeAnswer({ after }: ReleaseDate, unit: string, k: number): string {
  if (after.k === null) return `Nothing is released: fewer than ${formatCount(k)} ${unit} look the same.`;
  return `Each of the ${unit} looks like ${formatCount(after.k - 1)} others or more.`;
}

function writeSensitive(
  column: string,
  { after }: ReleaseDate,
  { require }: ReleaseView['newest'],
): Markup[] {
  const found = after.sensitive.find((one) => one.column === column);
  const asked = (text: string, value: number | null) => (value === null ? '' : `; ${text} ${value} required`);
  return [
    tile(
      show(found?.l ?? null),
      `l: different values of ${column} in the poorest class${asked('at least', require.l)}`,
    ),
    tile(
      found?.t?.toFixed(2) ?? '–',
      `t: how far a class is from everyone in ${column}, 0 to 1${asked('at most', require.t)}`,
    ),
  ];
}

function tile(number: string, note: string): Markup {
  return html`<div class="tile">
    <p class="number">${number}</p>
    <p class="note">${note}</p>
  </div>`;
}

function show(value: number | null): string {
  return value === null ? '–' : formatCount(value);
}

function writeLevels({ levels, tried }: ReleaseView['newest']): Content {
  if (levels.length === 0) return null;
  const list = levels.map(({ column, level, height, label, as_is: isAsIs }) =>
    isAsIs ? `${column} as it is` : `${column} by ${label} (step ${level} of ${height})`,
  );
  return html`<p>
    Released: ${list.join(', ')}; of ${countOf(tried, 'combination')}, the one that loses least.
  </p>`;
}

const SIZES = ['1', '2 to 4', '5 to 9', '10 to 19', '20 to 49', '50 to 99', '100 or more'];

async function drawSizes(title: string, { sizes }: ReleaseFacts): Promise<Markup> {
  const bars = SIZES.map((label, index) => {
    const value = sizes[index] ?? 0;
    return { label, value, text: formatCount(value) };
  });
  const label = `${title}: ${bars.map((bar) => `${bar.label}: ${bar.text}`).join(', ')}`;
  return html`<div class="figure">
    <h3>${title}</h3>
    ${await drawBoth((size) => drawBars(bars, size), label)}
  </div>`;
}

async function drawDates(dates: readonly ReleaseDate[]): Promise<Content> {
  const points = dates.flatMap(({ date, before, after }) =>
    date === null
      ? []
      : [
          ...(after.k === null ? [] : [{ x: date, y: after.k, series: 'release' }]),
          ...(before.k === null ? [] : [{ x: date, y: before.k, series: 'table' }]),
        ],
  );
  if (new Set(points.map(({ x }) => x)).size < 2) return null;
  const input = { scale: 'date', xTitle: 'date', yTitle: 'k', points } as const;
  return html`<div class="figure">
    <h3>k over dates</h3>
    ${await drawBoth((size) => drawLines(input, size), 'k of the release and of its table over dates')}
  </div>`;
}

/** Who has two versions can subtract one from the other. */
function writeChanges(dates: readonly ReleaseDate[], k: number): Content {
  const changed = dates.filter(({ changed_classes: classes }) => (classes ?? 0) > 0);
  const classes = worstOf(changed, (date) => date.changed_classes, Math.max);
  if (classes === null) return null;
  const days = changed.map(({ date }) => date ?? 'the last build').slice(-5);
  return html`<p>
    ${describeVerdict('watch', 'Versions differ')} by fewer than ${formatCount(k)} people in up to
    ${formatCount(classes)} classes (${days.join(', ')}): who has both versions can single them out.
  </p>`;
}
