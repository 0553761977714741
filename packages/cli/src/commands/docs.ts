import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ShardmillError, suggestion } from '@shardmill/core';
import type { Result } from '../result.js';
import { table } from '../ui/text/text-layout.js';

/** Where the documents lie: in the package, or in the repository that it is built in. */
const PLACES = ['../../docs', '../../../../docs'];

interface Page {
  readonly name: string;
  readonly title: string;
  readonly file: string;
}

/** Prints a page of the documents, or which there are. @throws USAGE for a page that is not there */
export async function showDocs(page: string | undefined): Promise<Result> {
  const pages = await findPages();
  if (page === undefined) {
    return {
      json: () => pages,
      text: ({ colors }) =>
        table(pages.map(({ name, title }) => [`shardmill docs ${name}`, colors.dim(title)])).join(
          '\n',
        ),
    };
  }
  const name = page.replace(/^docs\//, '').replace(/\.md(#.*)?$/, '');
  const found = pages.find((one) => one.name === name);
  if (found === undefined) {
    const names = pages.map((one) => one.name);
    throw new ShardmillError(
      'USAGE',
      `there is no page "${page}".${suggestion(name, names, 'Pages are')}`,
    );
  }
  const text = await readFile(found.file, 'utf8');
  return { json: () => ({ ...found, text }), text: () => text };
}

async function findPages(): Promise<Page[]> {
  const here = path.dirname(fileURLToPath(import.meta.url));
  const folder = PLACES.map((place) => path.resolve(here, place)).find((place) =>
    existsSync(path.join(place, 'job-definition.md')),
  );
  if (folder === undefined) {
    throw new ShardmillError('USAGE', 'the documents are not installed with this package', {
      where: path.resolve(here, PLACES[0] ?? ''),
    });
  }
  const names = (await readdir(folder)).filter((name) => /^[a-z].*\.md$/.test(name)).toSorted();
  return Promise.all(
    names.map(async (file): Promise<Page> => {
      const full = path.join(folder, file);
      const title = /^# (.+)$/m.exec(await readFile(full, 'utf8'))?.[1] ?? file;
      return { name: file.replace(/\.md$/, ''), title, file: full };
    }),
  );
}
