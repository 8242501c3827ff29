import { closeAfterEachTest } from './after-each.js';

/** Vitest runs this before every file of tests, also where files share their modules. */
closeAfterEachTest();
