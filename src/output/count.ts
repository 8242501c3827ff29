/** A count with thousands apart, the same in every locale: `30,000`. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count with what is counted: `1 row`, `30,000 rows`. `noun` is one thing, and takes an s. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Whether the numbers of a column name something, a year or a row, so that nothing sets their thousands apart. */
export function isLabelColumn(column: string): boolean {
  return /(?:^|[_ ])(?:year|id)$/i.test(column);
}
