// pnpm run schema (after a build): writes the published JSON Schema of job definitions.
import { mkdirSync, writeFileSync } from 'node:fs';
import { jobJsonSchema } from '../dist/schemas.js';

const folder = new URL('../schema/', import.meta.url);
mkdirSync(folder, { recursive: true });
writeFileSync(new URL('job.schema.json', folder), `${JSON.stringify(jobJsonSchema(), null, 2)}\n`);
