import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own folder: the nearest one above this file, or above the bundle that it is part of, with a package.json. */
export function findPackageDir(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) folder = dirname(folder);
  return folder;
}

/** What package.json says of us. */
export interface PackageFacts {
  readonly name: string;
  readonly version: string;
  readonly description: string;
}

/** Reads package.json, which is part of the package and therefore as it was published. */
export function readPackage(): PackageFacts {
  return JSON.parse(readFileSync(join(findPackageDir(), 'package.json'), 'utf8')) as PackageFacts;
}
