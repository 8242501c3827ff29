/** A row of a report, as far as it decides what is hidden. */
export interface CountedRow {
  /** People behind the row. */
  readonly people: number | null;
  /** All its counts of people, also of a part of them. */
  readonly counts: readonly (number | null)[];
  /** Numbers of people of which those of the row are a part. */
  readonly totals: readonly (number | null)[];
  /** What the row is of: a text for each label column. */
  readonly labels: readonly string[];
}

/** Places of rows that have a total of their own, the smallest first. */
type Line = readonly number[];

/**
 * The places of the rows whose numbers are hidden, so that no count of fewer than `minCell` people is shown or can be
 * computed.
 *
 * 1. A row is hidden if one of its counts, a total, or what remains of a total is below the minimum.
 * 2. The total of all rows counts as known, since the number of rows of each table is shown, and so does that of every
 *    line of a report with several labels (a date, a country), since another report may show it. In each such line more
 *    rows are hidden, the smallest first, until they are two and each of their counts sums to the minimum (secondary suppression;
 *    Cox 1980, doi:10.1080/01621459.1980.10477481). Rows of the same size are hidden together: who knows this program
 *    cannot tell which of the hidden rows is the small one, since any order of their numbers hides the same rows.
 * 3. Of the totals of all lines together, no hidden row may be the only solution: else one more is hidden in its line.
 *
 * Pure.
 */
export function planBlanks(rows: readonly CountedRow[], minCell: number): ReadonlySet<number> {
  const small = rows.flatMap((row, place) => (isSmall(row, minCell) ? [place] : []));
  const hidden = new Set(small);
  if (hidden.size === 0) return hidden;
  const people = rows.map((row) => row.people ?? 0);
  const lines = listLines(rows, people);
  const sums = listSums(rows, people);
  complete(lines, sums, hidden, minCell);
  for (;;) {
    const more = findExposed(lines, hidden, small).flatMap((place) => chooseNext(lines, place, hidden));
    if (more.length === 0) return hidden;
    for (const place of more) hidden.add(place);
    complete(lines, sums, hidden, minCell);
  }
}

/** Columns whose totals count as known: the people first, then each count of a part of them. */
function listSums(rows: readonly CountedRow[], people: readonly number[]): (readonly number[])[] {
  const parts = (rows[0]?.counts ?? []).map((_, at) => rows.map(({ counts }) => counts[at] ?? 0));
  return [people, ...parts];
}

function isSmall({ people, counts, totals }: CountedRow, minCell: number): boolean {
  const isBelow = (count: number | null) => count === null || !(count >= minCell);
  return (
    isBelow(people) ||
    counts.some(isBelow) ||
    totals.some((total) => isBelow(total) || isBelow((total ?? 0) - (people ?? 0)))
  );
}

/** Labels by all combinations of which lines are made; of more, by each alone. */
const MAX_COMBINED = 4;

/** All rows, and those that agree in some of the labels: the longest last. */
function listLines(rows: readonly CountedRow[], people: readonly number[]): Line[] {
  const keys = rows.map(({ labels }) => JSON.stringify(labels));
  const order = rows.map((_, place) => place).sort((a, b) => compare(people, keys, a, b));
  const width = rows[0]?.labels.length ?? 0;
  const lines: Line[] = [order];
  for (const chosen of listChoices(width)) {
    const groups = new Map<string, number[]>();
    for (const place of order) {
      const key = JSON.stringify(chosen.map((label) => rows[place]?.labels[label]));
      const group = groups.get(key) ?? [];
      group.push(place);
      groups.set(key, group);
    }
    lines.push(...[...groups.values()].filter(({ length }) => length > 1));
  }
  // The shortest first: what is hidden in it counts in the longer ones.
  return lines.sort((a, b) => a.length - b.length);
}

/** Some of the labels, never all and never none. */
function listChoices(width: number): number[][] {
  const labels = Array.from({ length: width }, (_, label) => label);
  if (width < 2) return [];
  if (width > MAX_COMBINED) return labels.map((label) => [label]);
  const bits = Array.from({ length: 2 ** width - 2 }, (_, index) => index + 1);
  return bits.map((mask) => labels.filter((label) => Math.floor(mask / 2 ** label) % 2 === 1));
}

/** By people, then by label, so that the order of the source decides nothing. */
function compare(people: readonly number[], keys: readonly string[], a: number, b: number): number {
  const bySize = (people[a] ?? 0) - (people[b] ?? 0);
  if (bySize !== 0) return bySize;
  const [left = '', right = ''] = [keys[a], keys[b]];
  return left < right ? -1 : left === right ? a - b : 1;
}

/** Hides more rows until every line with hidden rows has enough of them, or no other row. */
function complete(
  lines: readonly Line[],
  sums: readonly (readonly number[])[],
  hidden: Set<number>,
  minCell: number,
): void {
  const countAt = (place: number): number => sums[0]?.[place] ?? 0;
  const areEnough = (places: readonly number[]): boolean =>
    sums.every((counts) =>
      isEnough(
        places.map((place) => counts[place] ?? 0),
        minCell,
      ),
    );
  let before = -1;
  while (before !== hidden.size) {
    before = hidden.size;
    for (const line of lines) {
      const own = line.filter((place) => hidden.has(place));
      for (const place of line) {
        if (hidden.has(place)) continue;
        if (areEnough(own) && countAt(own.at(-1) ?? -1) !== countAt(place)) break;
        hidden.add(place);
        own.push(place);
      }
    }
  }
}

/** If all are one below the minimum, no other numbers have their sum. */
function isEnough(hidden: readonly number[], minCell: number): boolean {
  if (hidden.length === 0) return true;
  const sum = hidden.reduce((total, count) => total + count, 0);
  return hidden.length >= 2 && sum >= minCell && hidden.some((count) => count !== minCell - 1);
}

/** Hidden rows up to which all totals are solved together; of more, each line has its two. */
const MAX_SOLVED = 400;
/** Numbers modulo a prime below 2^26, so that products are exact. */
const PRIME = 67_108_859;

/**
 * The rows among `wanted` whose people follow from the totals of the lines: in the reduced form of these equations, an
 * equation with one unknown.
 */
function findExposed(
  lines: readonly Line[],
  hidden: ReadonlySet<number>,
  wanted: readonly number[],
): number[] {
  if (lines.length === 1 || hidden.size > MAX_SOLVED) return [];
  const unknowns = [...hidden];
  const equations = new Map(
    lines.flatMap((line) => {
      const own = new Set(line.filter((place) => hidden.has(place)));
      if (own.size === 0) return [];
      const row = unknowns.map((place) => (own.has(place) ? 1 : 0));
      return [[row.join(''), row] as const];
    }),
  );
  const reduced = reduce([...equations.values()]);
  const alone = reduced.flatMap((row) => {
    const used = row.flatMap((factor, at) => (factor === 0 ? [] : [at]));
    return used.length === 1 ? [unknowns[used[0] ?? 0] ?? -1] : [];
  });
  return wanted.filter((place) => alone.includes(place));
}

/** The smallest visible row of the shortest line of a row that has one. */
function chooseNext(lines: readonly Line[], place: number, hidden: ReadonlySet<number>): number[] {
  const own = lines
    .filter((line) => line.includes(place) && line.some((other) => !hidden.has(other)))
    .sort((a, b) => a.length - b.length);
  return (own[0] ?? []).filter((other) => !hidden.has(other)).slice(0, 1);
}

/** Gauss and Jordan: the reduced row echelon form, modulo the prime. */
function reduce(matrix: number[][]): number[][] {
  let done = 0;
  const width = matrix[0]?.length ?? 0;
  for (let column = 0; column < width && done < matrix.length; column += 1) {
    const at = matrix.findIndex((row, index) => index >= done && row[column] !== 0);
    const pivot = matrix[at];
    if (pivot === undefined) continue;
    matrix[at] = matrix[done] ?? pivot;
    const inverse = invert(pivot[column] ?? 1);
    const scaled = pivot.map((factor) => (factor * inverse) % PRIME);
    matrix[done] = scaled;
    for (const [index, row] of matrix.entries()) {
      const factor = row[column] ?? 0;
      if (index === done || factor === 0) continue;
      matrix[index] = row.map((value, place) =>
        scaled[place] === 0 ? value : (value + (PRIME - factor) * (scaled[place] ?? 0)) % PRIME,
      );
    }
    done += 1;
  }
  return matrix.slice(0, done);
}

/** By Fermat: x to the power of the prime less two. */
function invert(number: number): number {
  let [result, base] = [1, number];
  for (let power = PRIME - 2; power > 0; power = Math.floor(power / 2)) {
    if (power % 2 === 1) result = (result * base) % PRIME;
    base = (base * base) % PRIME;
  }
  return result;
}
