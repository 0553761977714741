import { readFile, writeFile } from 'node:fs/promises';

/**
 * Gives columns of a Parquet file other names, of any length, in its footer: DuckDB itself writes no
 * two names that differ only in case, and none that is empty or holds a NUL character. The names to
 * be replaced must occur nowhere else in the footer.
 */
export async function renameColumns(
  file: string,
  names: readonly (readonly [from: string, to: string])[],
): Promise<void> {
  const bytes = await readFile(file);
  const length = bytes.readUInt32LE(bytes.length - 8);
  let footer: Buffer = bytes.subarray(bytes.length - 8 - length, bytes.length - 8);
  for (const [from, to] of names) footer = replaceString(footer, from, to);
  const tail = Buffer.alloc(8);
  tail.writeUInt32LE(footer.length);
  tail.write('PAR1', 4, 'latin1');
  await writeFile(
    file,
    Buffer.concat([bytes.subarray(0, bytes.length - 8 - length), footer, tail]),
  );
}

/** Strings of Thrift's compact protocol are their length, in one byte if it is below 128, and their bytes. */
function replaceString(footer: Buffer, from: string, to: string): Buffer {
  const [old, replacement] = [compactString(from), compactString(to)];
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = footer.indexOf(old); at >= 0; at = footer.indexOf(old, start)) {
    pieces.push(footer.subarray(start, at), replacement);
    start = at + old.length;
  }
  if (pieces.length === 0) throw new Error(`no column ${from}`);
  return Buffer.concat([...pieces, footer.subarray(start)]);
}

function compactString(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length > 127) throw new Error(`${text} is too long`);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
