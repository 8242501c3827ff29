import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPackageDir } from '../base/files/package-dir.js';
import type { Assets } from './server/app.js';

/** Reads the style sheet, the script and the icon from the package; the parts of the style sheet are joined in order of their numbers. */
export function readAssets(): Assets {
  const dir = join(findPackageDir(), 'src', 'dashboard', 'assets');
  const read = (...names: readonly string[]): string => readFileSync(join(dir, ...names), 'utf8');
  const parts = readdirSync(join(dir, 'style')).sort();
  return {
    style: parts.map((part) => read('style', part)).join('\n'),
    script: read('client.js'),
    icon: read('icon.svg'),
  };
}
