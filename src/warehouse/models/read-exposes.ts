const LINE = /^([a-z_][a-z0-9_]*(?:, *[a-z_][a-z0-9_]*)*) because (\S.*)$/;

/**
 * `-- exposes: COLUMN because WHY`, or several columns with commas between them: the reasons by column; null where a
 * line says it otherwise, or a column has two reasons.
 */
export function readExposes(text: string | undefined): ReadonlyMap<string, string> | null {
  const exposes = new Map<string, string>();
  for (const line of text?.split('\n') ?? []) {
    const [, columns, why] = LINE.exec(line) ?? [];
    if (columns === undefined || why === undefined) return null;
    for (const column of columns.split(/, */)) {
      if (exposes.has(column)) return null;
      exposes.set(column, why);
    }
  }
  return exposes;
}
