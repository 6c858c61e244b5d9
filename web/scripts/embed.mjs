// The built bundle as one C file that carries it: node scripts/embed.mjs <dist> <out.c>
//
// Text goes in three forms (as it is, gzip, brotli), so that serving a file never compresses. Names with a hash may be
// kept by browsers for ever. The table is sorted by path, as static_file.h wants.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const [dist, out] = process.argv.slice(2);
const forms = join(dirname(out), 'forms');
const types = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml', '.json': 'application/json; charset=utf-8', '.geojson': 'application/geo+json; charset=utf-8',
  '.png': 'image/png', '.webp': 'image/webp', '.woff2': 'font/woff2', '.ico': 'image/x-icon', '.txt': 'text/plain; charset=utf-8',
};
const packed = new Set(['.html', '.js', '.css', '.svg', '.json', '.geojson', '.txt']);

function* walk(folder, path) {
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (statSync(file).isDirectory()) yield* walk(file, `${path}/${name}`);
    else yield { path: `${path}/${name}`, file };
  }
}

const files = [...walk(dist, '')].sort((a, b) => (a.path < b.path ? -1 : 1));
mkdirSync(forms, { recursive: true });
const bodies = [], rows = [];
function body(name, data) {
  const file = resolve(forms, name);
  writeFileSync(file, data);
  bodies.push(`__asm__(".section .rodata\\n.balign 8\\n${name}:\\n.incbin \\"${file}\\"\\n.previous");\nextern const char ${name}[];`);
  return `{ (const uint8_t *)${name}, ${data.length} }`;
}
files.forEach(({ path, file }, i) => {
  const data = readFileSync(file), kind = extname(path);
  if (!types[kind]) throw new Error(`no type for ${path}`);
  const hash = createHash('sha256').update(data).digest('hex').slice(0, 16);
  const gzip = packed.has(kind) ? body(`web_gzip_${i}`, gzipSync(data, { level: 9 })) : '{ 0 }';
  const brotli = packed.has(kind)
    ? body(`web_brotli_${i}`, brotliCompressSync(data, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: data.length } }))
    : '{ 0 }';
  rows.push(`    { "${path}", "${types[kind]}", "${hash}", ${path.startsWith('/assets/')}, ${body(`web_body_${i}`, data)},\n      ${gzip}, ${brotli} },`);
});
writeFileSync(out, `/* Made from the web app by web/scripts/embed.mjs. */
#include "http/static_file.h"

${bodies.join('\n')}

static const struct static_file files[] = {
${rows.join('\n')}
};

extern const struct static_files web_files;
const struct static_files web_files = { files, sizeof files / sizeof *files, "/index.html" };
`);
