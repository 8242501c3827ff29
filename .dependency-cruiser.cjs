/** The layers: commands → pipeline and operations → stages → base. */

const STAGES = [
  'source',
  'draft',
  'contract',
  'anonymize',
  'lake',
  'warehouse',
  'report',
  'privacy',
  'ledger',
  'dashboard',
  'definition',
];
const BASE_FILES =
  '^src/(record|checkpoint|result|manifest|run-record|errors|catalogue|effects|duckdb|custody|sql-file|personal-text|secret-text|date-text|check-finding|warehouse-reader|system-error|output/(scrub|count|quantity|defect)|definition/definition|definition/dataset-check|definition/treatment-spec)\\.ts$';

/** A stage knows its own folder, the base, and libraries. */
const stageRules = STAGES.map((stage) => ({
  name: `stage-${stage}-stands-alone`,
  severity: 'error',
  from: { path: `^src/${stage}/`, pathNot: BASE_FILES },
  to: { path: '^(src|commands|tests|bench|scripts)/', pathNot: [`^src/${stage}/`, BASE_FILES] },
}));

module.exports = {
  forbidden: [
    ...stageRules,
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'base-knows-base-only',
      severity: 'error',
      from: { path: BASE_FILES },
      to: { path: '^(src|commands|tests|bench|scripts)/', pathNot: BASE_FILES },
    },
    {
      name: 'src-knows-no-command',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(commands|tests|bench|scripts)/' },
    },
    {
      name: 'guard-imports-no-package',
      comment: 'The guard runs before anything else is loaded.',
      severity: 'error',
      from: { path: '^src/(guard|errors|catalogue|output/(defect|error|json|paint|scrub))\\.ts$' },
      to: {
        path: '^(src|node_modules)/',
        pathNot: '^src/(errors|catalogue|output/(defect|error|json|paint|scrub))\\.ts$',
      },
    },
    {
      name: 'shipped-code-uses-dependencies-only',
      comment: 'But for the one file that starts a worker from sources, which is not built.',
      severity: 'error',
      from: { path: '^(src|commands)/', pathNot: '^src/source/embedded/worker-from-source\\.mjs$' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'nothing-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
