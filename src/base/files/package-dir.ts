import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's own folder: this file is in its `src/base/files/`, or in the same place below `dist/`. */
export function findPackageDir(): string {
  const above = fileURLToPath(new URL('../../../', import.meta.url));
  return existsSync(join(above, 'package.json')) ? resolve(above) : resolve(above, '..');
}

/** What package.json says of us. */
export interface PackageFacts {
  readonly name: string;
  readonly version: string;
}

/** Reads package.json, which is part of the package and therefore as it was published. */
export function readPackage(): PackageFacts {
  return JSON.parse(readFileSync(join(findPackageDir(), 'package.json'), 'utf8')) as PackageFacts;
}
