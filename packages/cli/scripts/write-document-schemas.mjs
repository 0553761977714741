// pnpm run schema (after a build): writes the published JSON Schemas of what `--json` prints.
import { writeFileSync } from 'node:fs';
import { documentJsonSchemas } from '@shardmill/client/document-schemas';

for (const [name, schema] of Object.entries(documentJsonSchemas())) {
  const file = new URL(`../schema/${name}.schema.json`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`);
}
