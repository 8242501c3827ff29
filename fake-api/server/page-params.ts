/** A whole number from 1 on, a default for none; null if it is something else. */
export function readCount(text: string | null, preset: number): number | null {
  if (text === null) return preset;
  return /^[1-9][0-9]{0,8}$/.test(text) ? Number(text) : null;
}
