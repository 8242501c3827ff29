// Prepares a checkout: installs and builds only what is missing or out of date. Requires only Node. The code before the
// version check uses syntax that old versions can parse.
import { execFileSync } from 'child_process';
import { createHash } from 'crypto';
// Imported as a whole, because an old Node fails on named imports that it does not have.
import fs from 'fs';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const INSTALL_STAMP = join(ROOT, 'node_modules', '.lakeveil-lock');
const BUILD_STAMP = join(ROOT, 'dist', '.stamp');

checkNode();
if (!isInstalled()) install();
if (!isBuilt()) build();

function checkNode() {
  const version = process.versions.node.split('.').map(Number);
  const isNewEnough = version[0] > 20 || (version[0] === 20 && version[1] >= 19);
  if (isNewEnough) return;
  say(
    'Lakeveil needs Node 20.19 or newer; this is Node ' + process.versions.node + '. See https://nodejs.org',
  );
  process.exit(2);
}

/** Uses the stamp of this script or, after a manual `npm ci`, npm's list of installed packages. */
function isInstalled() {
  const lockHash = hashFiles(['package-lock.json']);
  if (readText(INSTALL_STAMP) === lockHash) return true;
  const installed = readText(join(ROOT, 'node_modules', '.package-lock.json'));
  if (installed === '' || !holdsAll(JSON.parse(installed).packages)) return false;
  fs.writeFileSync(INSTALL_STAMP, lockHash);
  return true;
}

function holdsAll(installed) {
  const wanted = JSON.parse(readText(join(ROOT, 'package-lock.json'))).packages;
  return Object.keys(wanted).every(function (path) {
    if (path === '' || wanted[path].optional) return true;
    return path in installed && installed[path].version === wanted[path].version;
  });
}

function install() {
  say('Installing packages …');
  run(['ci', '--include=dev', '--no-fund', '--no-audit'], 'the packages could not be installed');
  fs.writeFileSync(INSTALL_STAMP, hashFiles(['package-lock.json']));
}

/** The npm that started this script, else the one on the path. */
function run(args, failure) {
  const npm = process.env.npm_execpath;
  const isScript = npm !== undefined && /\.[cm]?js$/.test(npm);
  const command = isScript ? process.execPath : process.platform === 'win32' ? 'npm.cmd' : 'npm';
  execute(command, isScript ? [npm].concat(args) : args, failure);
}

function isBuilt() {
  return readText(BUILD_STAMP) === hashSources();
}

/** Writes the stamp last, so that an interrupted build is repeated. */
function build() {
  say('Building …');
  const sources = hashSources();
  fs.rmSync(join(ROOT, 'dist'), { recursive: true, force: true });
  const compiler = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  execute(process.execPath, [compiler, '-p', 'tsconfig.build.json'], 'the build failed');
  execute(process.execPath, [join(ROOT, 'scripts', 'bundle.mjs')], 'the build failed');
  fs.writeFileSync(BUILD_STAMP, sources);
}

function hashSources() {
  const settings = [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'scripts/bundle.mjs',
  ];
  return hashFiles(settings.concat(listFiles('src'), listFiles('commands'), listFiles('fake-api')));
}

function listFiles(folder) {
  const files = [];
  fs.readdirSync(join(ROOT, folder), { withFileTypes: true }).forEach(function (item) {
    const path = folder + '/' + item.name;
    if (item.isDirectory()) files.push.apply(files, listFiles(path));
    else files.push(path);
  });
  return files.sort();
}

function hashFiles(paths) {
  const hash = createHash('sha256');
  paths.forEach(function (path) {
    hash
      .update(path + '\0')
      .update(fs.readFileSync(join(ROOT, path)))
      .update('\0');
  });
  return hash.digest('hex');
}

function execute(command, args, failure) {
  try {
    execFileSync(command, args, { cwd: ROOT, stdio: ['ignore', 2, 2] });
  } catch {
    say('Setup stopped: ' + failure + '; see the lines above.');
    process.exit(1);
  }
}

function readText(path) {
  return fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : '';
}

/** Prints to stderr, like everything that is not a result. */
function say(line) {
  process.stderr.write(line + '\n');
}
