import js from '@eslint/js';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'data_lake/', 'db/', 'exports/', 'bench/peers/.venv/'] },
  js.configs.recommended,
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['src/dashboard/assets/*.js'],
    languageOptions: {
      globals: { document: 'readonly', fetch: 'readonly', location: 'readonly', EventSource: 'readonly' },
    },
  },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only config.ts and guard.ts read the environment.' },
      ],
      eqeqeq: 'error',
      'no-duplicate-imports': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: 'ObjectExpression > SpreadElement > ObjectExpression', message: 'Write its properties.' },
      ],
    },
  },
  {
    files: ['src/base/config/config.ts', 'src/base/guard.ts', 'tests/**', 'bench/**', 'soak/**'],
    rules: { 'no-restricted-properties': 'off' },
  },
  { files: ['tests/**'], rules: { 'max-lines-per-function': 'off', 'no-restricted-syntax': 'off' } },
);
