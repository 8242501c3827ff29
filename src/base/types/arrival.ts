/** A file of the project that a run reads, and that moves to the archive by the commit of the run. */
export interface Arrival {
  /** Where it lies and where it is to lie, relative to the project, with forward slashes. */
  readonly from: string;
  readonly to: string;
  readonly sha256: string;
  /** What the file system said when it was read; another file, or a changed one, has others. */
  readonly inode: number;
  readonly bytes: number;
  readonly modifiedMs: number;
}
