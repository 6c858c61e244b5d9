// The bundle: one page, hashed files, what is not needed at once loaded later. Proxies to a running head-end in `vite`.
import { defineConfig } from 'vite';

export default defineConfig({
  esbuild: { jsx: 'automatic' },
  build: {
    outDir: process.env.SVOD_WEB_OUT ?? 'dist',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
    reportCompressedSize: false,
    rollupOptions: {
      onwarn(warning, tell) {
        if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') tell(warning); // antd says "use client"; there is only a client here
      },
    },
  },
  server: { proxy: { '/api': process.env.SVOD_SERVER ?? 'http://127.0.0.1:8080' } },
});
