import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Assets } from '../dashboard/server/app.js';
import { findPackageDir } from '../package-dir.js';

/** Style, script and icon of the pages, as they lie in the package. */
export function readAssets(): Assets {
  const read = (name: string): string =>
    readFileSync(join(findPackageDir(), 'src', 'dashboard', 'assets', name), 'utf8');
  return { style: read('style.css'), script: read('client.js'), icon: read('icon.svg') };
}
