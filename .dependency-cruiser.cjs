/** The layers: commands → pipeline.ts, actions, dashboard → ingest → stages → base. */

const STAGES = [
  'source',
  'draft',
  'contract',
  'anonymize',
  'lake',
  'warehouse',
  'report',
  'load',
  'ledger',
  'definition',
  'privacy',
];
const BASE = '^src/base/';
/** The guard, and what it imports. */
const GUARD =
  '^src/base/(guard|core-files|files/small-file|errors|catalogue|source-errors|privacy-errors|defect|terminal/(print-error|paint)|text/(json|scrub))\\.ts$';
const OURS = '^(src|commands|fake-api|tests|bench|scripts)/';

/** The warehouse measures its releases. */
const USES = { warehouse: ['^src/privacy/'] };

/** A stage knows its own folder, the base, and libraries. */
const stageRules = STAGES.map((stage) => ({
  name: `stage-${stage}-stands-alone`,
  severity: 'error',
  from: { path: `^src/${stage}/` },
  to: { path: OURS, pathNot: [`^src/${stage}/`, BASE, ...(USES[stage] ?? [])] },
}));

/** What each layer above the stages may not know. */
const layerRules = [
  ['project-knows-stages-only', '^src/project\\.ts$', '^src/(ingest|actions|dashboard)/|^src/pipeline\\.ts$'],
  [
    'openlineage-knows-stages-only',
    '^src/openlineage/',
    '^src/(ingest|actions|dashboard|launch)/|^src/(pipeline|project)\\.ts$',
  ],
  ['ingest-knows-no-action', '^src/ingest/', '^src/(actions|dashboard|launch)/|^src/pipeline\\.ts$'],
  ['actions-know-no-pipeline', '^src/actions/', '^src/dashboard/|^src/pipeline\\.ts$'],
  ['pipeline-knows-no-dashboard', '^src/pipeline\\.ts$', '^src/(dashboard|launch)/'],
  ['alert-knows-no-caller', '^src/alert/', '^src/(ingest|actions|dashboard|launch)/|^src/pipeline\\.ts$'],
  ['launch-knows-no-caller', '^src/launch/', '^src/(actions|dashboard)/'],
].map(([name, from, to]) => ({ name, severity: 'error', from: { path: from }, to: { path: to } }));

module.exports = {
  forbidden: [
    ...stageRules,
    ...layerRules,
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'base-knows-base-only',
      severity: 'error',
      from: { path: BASE },
      to: { path: OURS, pathNot: BASE },
    },
    {
      name: 'fake-api-stands-alone',
      severity: 'error',
      from: { path: '^fake-api/' },
      to: { path: OURS, pathNot: ['^fake-api/', BASE] },
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
      from: { path: GUARD },
      to: { path: '^(src|node_modules)/', pathNot: GUARD },
    },
    {
      name: 'shipped-code-uses-dependencies-only',
      comment: 'But for the files that start a worker from sources, which are not built.',
      severity: 'error',
      from: {
        path: '^(src|commands|fake-api)/',
        pathNot: '^(fake-api|src/ingest/crew|src/launch)/worker-from-source\\.mjs$',
      },
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
