import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import react from '@vitejs/plugin-react';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';

/** Writes `sw.js`, which keeps the files of this build, named by a hash over all of them. */
function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    enforce: 'post',
    generateBundle(_, bundle) {
      const files = Object.values(bundle).map((file) => ({
        name: file.fileName,
        content: file.type === 'chunk' ? file.code : file.source,
      }));
      files.push({ name: 'icon.svg', content: readFileSync(new URL('./public/icon.svg', import.meta.url)) });
      files.sort((left, right) => left.name.localeCompare(right.name));
      const hash = createHash('sha256');
      for (const { name, content } of files) hash.update(name).update(content);
      const names = files.map(({ name }) => name);
      const source = readFileSync(new URL('./src/offline/sw.js', import.meta.url), 'utf8')
        .replace('__BUILD__', JSON.stringify(hash.digest('hex').slice(0, 16)))
        .replace('__FILES__', JSON.stringify(['./', ...names]));
      this.emitFile({ type: 'asset', fileName: 'sw.js', source });
    },
  };
}

export default defineConfig({
  base: './',
  plugins: [react(), offline()],
  worker: { format: 'es' },
  optimizeDeps: { exclude: ['@pluriverse/engine'] },
  server: { fs: { allow: ['../..'] }, proxy: { '/api': { target: 'http://127.0.0.1:8080', ws: true } } },
  build: { target: 'es2022', assetsInlineLimit: 0, chunkSizeWarningLimit: 1200 },
  test: { include: ['src/**/*.test.ts'], environment: 'node' },
});
