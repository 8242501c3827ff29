/** Whether a charset can be decoded, by a label of the WHATWG Encoding Standard such as `windows-1252` or `shift_jis`. */
export function isKnownCharset(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
}
