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

/** Bytes for a person, in powers of ten: `1.4 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${(bytes / 1_000).toFixed(1)} kB`;
  return bytes < 1_000_000_000
    ? `${(bytes / 1_000_000).toFixed(1)} MB`
    : `${(bytes / 1_000_000_000).toFixed(1)} GB`;
}

/** Milliseconds as seconds for a person: `1.2 s`. */
export function formatSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** An age in seconds for a person, in the largest unit that it has two of: `45 min`, `3 h`, `2 days`. */
export function formatAge(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return minutes < 1 ? 'less than a minute' : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : countOf(Math.floor(hours / 24), 'day');
}
