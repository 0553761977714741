import parquet from 'parquetjs-lite';
import { describe, expect, it } from 'vitest';
import { columnsOf, useCorpus } from './corpus.js';

/** Every type that a writer has, in all of its codecs and page versions. */

const corpus = useCorpus();

describe("DuckDB's writer", () => {
  const KINDS = `SELECT i % 2 = 0 AS bool, (i % 128)::TINYINT AS i8, (-i)::SMALLINT AS i16, (i % 7)::INTEGER AS i32,
      (i * 1000003)::BIGINT AS i64, (i % 256)::UTINYINT AS u8, i::USMALLINT AS u16, (4294967295 - i)::UINTEGER AS u32,
      (18446744073709551615 - i)::UBIGINT AS u64, (i / 3)::FLOAT AS f32, (i % 5) / 7 AS f64,
      if(i % 3 = 0, 'nan'::DOUBLE, 'inf'::DOUBLE) AS odd, (i / 3)::DECIMAL(4, 0) AS d4, (i / 7)::DECIMAL(9, 3) AS d9,
      (i / 7)::DECIMAL(18, 9) AS d18, (-i / 7)::DECIMAL(38, 20) AS d38, if(i % 4 = 0, NULL, 'ü' || i % 9) AS text,
      repeat('long ', i % 50) || i AS long, ('\\x00\\xFF' || i)::BLOB AS bytes, DATE '1581-01-01' + i::INT AS day,
      TIME '00:00:00' + INTERVAL (i) SECOND AS time, TIMESTAMP '1969-12-31 23:59:59.999999' + INTERVAL (i) HOUR AS ts,
      make_timestamp_ns(1700000000123456789 + i) AS ns, (TIMESTAMP '2026-01-01' + INTERVAL (i) DAY)::TIMESTAMP_MS AS ms,
      TIMESTAMPTZ '2026-01-01 00:00:00+04' + INTERVAL (i) MINUTE AS zoned, md5(i::VARCHAR)::UUID AS id,
      (['red', 'green'][i % 2 + 1])::ENUM('red', 'green') AS enum, '{"a": ' || i || '}' AS json,
      {'a': i, 'b': {'c': [i, NULL], 'd': 'x' || i}} AS struct, CASE i % 4 WHEN 0 THEN [] WHEN 1 THEN NULL ELSE [i, NULL, 5] END AS list,
      [[i], [], NULL] AS nested, [{'a': DATE '2026-01-01' + i::INT}] AS structs, MAP {'k' || i % 3: i, 'fixed': NULL} AS map,
      NULL::INTEGER AS nothing, 42 AS constant
    FROM range(2100) r(i)`;

  const write = (name: string, codec: string, version: number): Promise<string> =>
    corpus.place.writeParquet(
      name,
      KINDS,
      `COMPRESSION ${codec}, PARQUET_VERSION V${version}, ROW_GROUP_SIZE 2048`,
    );

  it.each(
    ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'].flatMap((codec) => [
      [codec, 1] as const,
      [codec, 2] as const,
    ]),
  )('%s, version %i: is read as another reader reads it', async (codec, version) => {
    const described = await corpus.place.sql(`DESCRIBE ${KINDS}`);
    const columns = described.map((row) => String(row['column_name']));
    const expected = await columnsOf([await write('plain.parquet', 'uncompressed', 1)], columns);
    const file = await write(`data/${corpus.nextNumber()}.parquet`, codec, version);
    const { plan, values } = await corpus.score(file, columns);
    for (const name of columns) expect([name, values[name]]).toEqual([name, expected[name]]);
    expect(values['i64']).toHaveLength(2100);
    expect(plan.notices).toEqual([]);
  });
});

describe("parquetjs-lite's writer", () => {
  /** Types by the values that they are given; each in an optional, a required and a repeated column. */
  const KINDS: Readonly<Record<string, readonly unknown[]>> = {
    BOOLEAN: [true, false],
    INT32: [1, -1],
    INT64: [2 ** 40, -1],
    FLOAT: [0.5, -2],
    DOUBLE: [0.1, 1e300],
    BYTE_ARRAY: [Buffer.of(0, 255), Buffer.of(1)],
    UTF8: ['ü', ''],
    ENUM: ['red', 'green'],
    DATE: [new Date('1600-02-29'), new Date('2026-11-25')],
    TIMESTAMP_MILLIS: [new Date('2026-11-25T01:02:03.004Z'), new Date(0)],
    TIMESTAMP_MICROS: [new Date('2026-11-25T01:02:03.004Z'), new Date(0)],
    UINT_8: [0, 200],
    UINT_16: [0, 60_000],
    UINT_32: [0, 2 ** 31 - 1],
    UINT_64: [0, 2 ** 40],
    INT_8: [-1, 100],
    INT_16: [-1, 100],
    INT_32: [-1, 100],
    INT_64: [-1, 2 ** 40],
    JSON: [{ a: 1 }, [2]],
  };

  const CODECS = ['UNCOMPRESSED', 'GZIP', 'SNAPPY'] as const;
  it.each(CODECS.flatMap((codec) => [true, false].map((pagesV2) => ({ codec, pagesV2 }))))(
    '$codec, pages of version 2: $pagesV2, is read as another reader reads it',
    async ({ codec, pagesV2 }) => {
      const fields = Object.keys(KINDS).flatMap((type) => [
        [`${type}_optional`, { type, compression: codec, optional: true }] as const,
        [`${type}_required`, { type, compression: codec }] as const,
        [`${type}_repeated`, { type, compression: codec, repeated: true }] as const,
      ]);
      const schema = new parquet.ParquetSchema(Object.fromEntries(fields));
      const file = await corpus.place.write(`data/${corpus.nextNumber()}.parquet`, '');
      const writer = await parquet.ParquetWriter.openFile(schema, file, { useDataPageV2: pagesV2 });
      for (let i = 0; i < 20; i++) {
        const row = Object.entries(KINDS).flatMap(([type, values]) => [
          ...(i % 3 === 0 ? [] : [[`${type}_optional`, values[i % 2]] as const]),
          [`${type}_required`, values[(i + 1) % 2]] as const,
          [`${type}_repeated`, i % 4 === 0 ? [] : [values[0], values[1]]] as const,
        ]);
        await writer.appendRow(Object.fromEntries(row));
      }
      await writer.close();
      const columns = fields.map(([name]) => name);
      const expected = await columnsOf([file], columns);
      const { values } = await corpus.score(file, columns);
      for (const name of columns) {
        // A list that is empty and one that is not there are written alike.
        const nothing = name.endsWith('_repeated')
          ? expected[name]?.map((list) => list ?? [])
          : expected[name];
        expect([name, values[name]]).toEqual([name, nothing]);
      }
      expect(values['INT32_required']).toHaveLength(20);
    },
  );
});
