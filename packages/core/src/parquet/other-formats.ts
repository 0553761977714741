const CONVERSIONS: readonly [ending: RegExp, format: string, from: (file: string) => string][] = [
  [/\.[ct]sv(\.gz|\.zst)?$/i, 'CSV', (file) => `FROM read_csv(${file})`],
  [/\.(json|ndjson|jsonl)(\.gz|\.zst)?$/i, 'JSON', (file) => `FROM read_json(${file})`],
];
const OTHERS: readonly [ending: RegExp, format: string][] = [
  [/\.orc$/i, 'ORC'],
  [/\.avro$/i, 'Avro'],
  [/\.(arrow|feather|ipc)$/i, 'Arrow'],
  [/\.xlsx?$/i, 'Excel'],
];

/**
 * How to make Parquet of a file of another format, by its name: only its ending distinguishes
 * formats of text. Undefined where the name says nothing.
 */
export function howToConvert(location: string): string | undefined {
  const name = location.slice(location.lastIndexOf('/') + 1);
  for (const [ending, format, from] of CONVERSIONS) {
    if (!ending.test(name)) continue;
    const target = name.replace(ending, '.parquet');
    return `${name} is ${format}. Convert it: duckdb -c "COPY (${from(quote(name))}) TO ${quote(target)}"`;
  }
  const other = OTHERS.find(([ending]) => ending.test(name));
  if (other === undefined) return undefined;
  return `${name} is ${other[1]}. Write it as Parquet with the program that made it.`;
}

/** Quotes a name as SQL does, within the double quotes of a shell. */
function quote(name: string): string {
  return `'${name.replaceAll("'", "''").replaceAll(/["$`\\]/g, '\\$&')}'`;
}
