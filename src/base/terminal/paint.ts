const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const;

export type Paint = keyof typeof CODES;

/** The text in a color or weight, or unchanged if `color` is false. */
export function paint(text: string, style: Paint, color: boolean): string {
  return color ? `\u001b[${CODES[style]}m${text}\u001b[0m` : text;
}
