// `node scripts/measure-code.mjs`: the size and shape of the code in src/ and commands/, one figure per line.
// `--list` also lists the items behind each figure that should be small.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const FOLDERS = ['src', 'commands'];
const CLOSET_LINES = 40;
const MAX_FOLDER_FILES = 30;
const MAX_FUNCTION_LINES = 60;
/** Folders of plug-ins: each file has one importer, the registry. */
const PLUG_INS = /\/(treatments|pagination|formats|materializations)\//;

if (process.argv[1] === fileURLToPath(import.meta.url)) print(measure(), process.argv.includes('--list'));

/** All figures of the checkout, with the items behind them. */
export function measure() {
  const files = FOLDERS.flatMap(listFiles).map(readModule);
  const imports = new Map(files.map(({ path, imports: targets }) => [path, targets]));
  const lines = files.map((file) => file.lines).sort((a, b) => a - b);
  return {
    files: files.length,
    lines: lines.reduce((sum, count) => sum + count, 0),
    median: lines[Math.floor(lines.length * 0.5)],
    p90: lines[Math.floor(lines.length * 0.9)],
    closets: findClosets(files),
    largeFolders: findLargeFolders(files),
    fileCycles: findCycles(imports),
    folderCycles: findFolderCycles(imports),
    longFunctions: files.flatMap((file) => file.longFunctions),
  };
}

function print(figures, list) {
  const { closets, largeFolders, fileCycles, folderCycles, longFunctions } = figures;
  const rows = [
    ['files', figures.files],
    ['lines', figures.lines],
    ['lines of a file, median', figures.median],
    ['lines of a file, 90th percentile', figures.p90],
    [`files under ${CLOSET_LINES} lines with one importer, plug-ins aside`, closets],
    [`folders with more than ${MAX_FOLDER_FILES} files`, largeFolders],
    ['import cycles between files', fileCycles],
    ['import cycles between sibling folders', folderCycles],
    [`functions over ${MAX_FUNCTION_LINES} lines`, longFunctions],
  ];
  for (const [name, value] of rows) {
    console.log(`${String(Array.isArray(value) ? value.length : value).padStart(7)}  ${name}`);
    if (list && Array.isArray(value)) value.forEach((item) => console.log(`         ${item}`));
  }
}

function listFiles(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')));
}

function readModule(path) {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports = new Set();
  const longFunctions = [];
  const visit = (node) => {
    const target = readImport(node);
    if (target !== null) imports.add(posix.join(posix.dirname(path), target).replace(/\.js$/, '.ts'));
    if (ts.isFunctionLike(node) && node.body !== undefined && countLines(source, node) > MAX_FUNCTION_LINES) {
      longFunctions.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return { path, lines: text.trimEnd().split('\n').length, imports: [...imports], longFunctions };
}

/** The relative path that a node imports, statically or not, or null. */
function readImport(node) {
  let target = null;
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) target = node.moduleSpecifier;
  else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    target = node.arguments[0];
  } else if (ts.isImportTypeNode(node)) target = node.argument.literal;
  return target !== null && target !== undefined && ts.isStringLiteral(target) && target.text.startsWith('.')
    ? target.text
    : null;
}

function countLines(source, node) {
  const lineAt = (position) => source.getLineAndCharacterOfPosition(position).line;
  return lineAt(node.getEnd()) - lineAt(node.getStart()) + 1;
}

function findClosets(files) {
  const importers = new Map();
  for (const { path, imports } of files) {
    for (const target of imports) importers.set(target, [...(importers.get(target) ?? []), path]);
  }
  return files
    .filter(({ path, lines }) => lines < CLOSET_LINES && importers.get(path)?.length === 1)
    .filter(({ path }) => !PLUG_INS.test(path) && !/^commands\/[^/]+$/.test(path))
    .map(({ path, lines }) => `${path} (${lines}) ← ${importers.get(path)}`);
}

function findLargeFolders(files) {
  const counts = new Map();
  for (const { path } of files) {
    counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1);
  }
  return (
    [...counts]
      // One file for each command.
      .filter(([folder, count]) => folder !== 'commands' && count > MAX_FOLDER_FILES)
      .map(([folder, count]) => `${folder} (${count})`)
  );
}

/**
 * Cycles between sibling folders, each including its subfolders. A folder and the files next to it can import each other:
 * a registry lists its plug-ins, and a plug-in has the type that the registry defines.
 */
export function findFolderCycles(imports) {
  const graphs = new Map();
  for (const [path, targets] of imports) {
    for (const target of targets) {
      const [parent, from, to] = splitAtFork(path, target);
      if (parent === null) continue;
      const graph = graphs.get(parent) ?? new Map();
      graphs.set(parent, graph.set(from, [...(graph.get(from) ?? []), to]));
    }
  }
  return [...graphs].flatMap(([parent, graph]) => findCycles(graph).map((cycle) => `${parent}: ${cycle}`));
}

/** The common parent folder of two files, and their two subfolders; null if one file is directly in the parent. */
function splitAtFork(path, target) {
  const [a, b] = [path.split('/'), target.split('/')];
  let depth = 0;
  while (depth < a.length && a[depth] === b[depth]) depth++;
  const isFolder = depth > 0 && depth < a.length - 1 && depth < b.length - 1;
  return isFolder ? [a.slice(0, depth).join('/'), a[depth], b[depth]] : [null, '', ''];
}

/** One cycle per node that closes one, as `a → b → a`; empty for a graph without cycles. */
export function findCycles(graph) {
  const finished = new Set();
  const cycles = [];
  const visit = (node, above) => {
    const start = above.indexOf(node);
    if (start >= 0) cycles.push([...above.slice(start), node].join(' → '));
    if (start >= 0 || finished.has(node)) return;
    for (const next of new Set(graph.get(node) ?? [])) visit(next, [...above, node]);
    finished.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
}
