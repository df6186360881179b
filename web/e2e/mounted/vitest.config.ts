import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Run by the tests of the Python package, which start the app that `PLURIVERSE_MOUNTED` is the address of. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  test: { include: ['*.test.ts'], environment: 'node', execArgv: ['--experimental-websocket'], testTimeout: 60_000 },
});
