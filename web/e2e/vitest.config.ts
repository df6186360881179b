import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // One Chromium at a time: measurements and pictures want the machine to themselves.
  test: { include: [process.env['ONLY'] ?? '*.test.ts'], environment: 'node', fileParallelism: false, testTimeout: 90_000, hookTimeout: 60_000 },
});
