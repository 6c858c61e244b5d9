// Types of the API, from the description that the program itself gives: node scripts/types.mjs <svod>
import { execFileSync } from 'node:child_process';
import { writeFileSync, mkdirSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';

const svod = process.argv[2] ?? '../build/svod';
const description = JSON.parse(execFileSync(svod, ['admin', 'openapi'], { encoding: 'utf8', maxBuffer: 64 << 20 }));
// Answers are written whole, so every field of them is there; requests are checked field by field by the server.
const tree = await openapiTS(description, { propertiesRequiredByDefault: true });
mkdirSync('src/api', { recursive: true });
writeFileSync('src/api/schema.d.ts', astToString(tree));
