export interface CodeFigures {
  readonly fileCycles: readonly string[];
  readonly folderCycles: readonly string[];
  readonly largeFolders: readonly string[];
}

export function measure(): CodeFigures;

/** @param imports paths that each file imports, by its own path from the project's root */
export function findFolderCycles(imports: ReadonlyMap<string, readonly string[]>): string[];
