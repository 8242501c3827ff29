import { countOf, formatCount } from '../../base/text/numbers.js';
import { type ReleaseDate, type ReleaseResult, worstOf } from '../../base/types/release-result.js';

/** What was measured of releases, what they generalize, and why. A release that is unchanged is one line. */
export function formatReleases(releases: readonly ReleaseResult[]): string {
  return releases.map(formatRelease).join('\n\n');
}

function formatRelease(release: ReleaseResult): string {
  const head = `Release ${release.release}, from ${release.from}${describeDates(release)}`;
  const lines: [string, string][] = [
    ['k', describeK(release)],
    ...describeSensitive(release),
    ['generalized', describeLevels(release)],
    ['left out', describeSuppressed(release)],
    ['released', countOf(release.rows, 'row')],
    ['changes', describeChanges(release)],
  ];
  return [head, '', ...lines.map(([name, text]) => `  ${name.padEnd(12)}${text}`)].join('\n');
}

function describeDates({ built, dates }: ReleaseResult): string {
  const days = dates.flatMap(({ date }) => date ?? []);
  const [first = ''] = days;
  const last = days.at(-1) ?? '';
  const which = days.length === 0 ? '' : first === last ? `, ${first}` : `, ${first} to ${last}`;
  return built === 'skipped' ? `${which}: unchanged` : which;
}

function describeK({ counts, require, dates }: ReleaseResult): string {
  const [before, after] = [readK(dates, 'before'), readK(dates, 'after')];
  const people = sum(dates, (date) => date.people);
  const unique = sum(dates, ({ before: { unique_people } }) => unique_people);
  const unit = counts === 'rows' ? 'rows (counting rows, not people)' : 'people';
  if (before === null) return 'nothing to measure: the table has no rows';
  const own = after === null ? 'nothing is released' : `${formatCount(after)} ${unit} or more look the same`;
  const share = `${formatCount(unique)} of ${formatCount(people)} unique`;
  return `${own} (required ${formatCount(require.k)}); before: ${formatCount(before)}, and ${share}`;
}

function readK(dates: readonly ReleaseDate[], which: 'before' | 'after'): number | null {
  return worstOf(dates, (date) => date[which].k, Math.min);
}

/** k alone proves little, so that l and t stand beside it. */
function describeSensitive({ sensitive, require, dates }: ReleaseResult): [string, string][] {
  if (sensitive.length === 0) return [['l, t', 'not measured: no column is named as sensitive']];
  return sensitive.map((column) => {
    const facts = dates.flatMap(({ after }) => after.sensitive.filter((one) => one.column === column));
    const l = worstOf(facts, (one) => one.l, Math.min);
    const t = worstOf(facts, (one) => one.t, Math.max);
    const asked = (name: string, value: number | null) =>
      value === null ? '' : ` (required ${name}${value})`;
    const values = `${l ?? 'not defined'} different values or more in a class${asked('', require.l)}`;
    const distance = `t ${t === null ? 'not defined' : t.toFixed(3)}${asked('at most ', require.t)}`;
    return ['l, t', `${column}: ${values}, ${distance}`];
  });
}

function describeLevels({ levels, tried, outcome }: ReleaseResult): string {
  const moved = levels
    .filter(({ as_is: isAsIs }) => !isAsIs)
    .map(({ column, label }) => `${column} to ${label}`);
  const same = levels.filter(({ as_is: isAsIs }) => isAsIs).map(({ column }) => column);
  if (levels.length === 0) return 'nothing: it has no ladders';
  const kept = same.length === 0 ? '' : `${moved.length === 0 ? '' : '; '}${same.join(', ')} as it is`;
  const best = `the least loss of ${countOf(tried, 'combination')}`;
  return `${moved.join(', ')}${kept} (${outcome === 'failed' ? 'the closest' : best})`;
}

function describeSuppressed({ dates }: ReleaseResult): string {
  const [people, suppressed] = [sum(dates, (date) => date.people), sum(dates, (date) => date.suppressed)];
  if (suppressed === 0) return 'no one';
  const share = ((100 * suppressed) / people).toFixed(1);
  return `rows of ${formatCount(suppressed)} of ${formatCount(people)} people in small classes, ${share} %`;
}

/** Who has two versions can subtract one from the other. */
function describeChanges({ dates, require }: ReleaseResult): string {
  const compared = dates.filter(({ changed_classes: classes }) => classes !== null);
  if (compared.length === 0) return 'not compared: there is no earlier version under this definition';
  const classes = sum(compared, ({ changed_classes: found }) => found ?? 0);
  if (classes === 0) return 'no class changed by a few people since the version before';
  const count = classes === 1 ? '1 class' : `${formatCount(classes)} classes`;
  return `${count} changed by fewer than ${require.k} people since the version before: who has both can single them out`;
}

function sum(dates: readonly ReleaseDate[], read: (date: ReleaseDate) => number): number {
  return dates.reduce((total, date) => total + read(date), 0);
}
