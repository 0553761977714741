import { crc32 } from 'node:zlib';
import type { BoundImage } from '@shardmill/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { decodeImage } from './decode-image.js';
import { loadSharp, type SharpLibrary } from './load-sharp.js';
import type { Pixels } from './pixels.js';
import { bytesOf, STRIPES, stripes } from '../testing/pillow-samples.js';
import { usualImage } from '../testing/usual-image.js';

let sharp: SharpLibrary;
let png: Buffer;
beforeAll(async () => {
  sharp = await loadSharp();
  png = await stripesAs('png');
});

function stripesAs(format: 'png' | 'webp' | 'jpeg', orientation?: number): Promise<Buffer> {
  const raw = sharp(stripes(), { raw: { ...STRIPES, channels: 3 } });
  return (orientation === undefined ? raw : raw.withMetadata({ orientation }))
    .toFormat(format)
    .toBuffer();
}

async function decode(bytes: Uint8Array, change: Partial<BoundImage> = {}): Promise<Pixels> {
  const decoded = await decodeImage(sharp, bytes, { ...usualImage, ...change });
  if ('refused' in decoded) throw new Error(decoded.refused);
  return decoded;
}

async function refusal(bytes: Uint8Array, change: Partial<BoundImage> = {}): Promise<string> {
  const decoded = await decodeImage(sharp, bytes, { ...usualImage, ...change });
  return 'refused' in decoded ? decoded.refused : 'it was decoded';
}

/** The largest difference of two pixels. */
function difference(left: Uint8Array, right: Uint8Array): number {
  expect(left).toHaveLength(right.length);
  return left.reduce((most, value, i) => Math.max(most, Math.abs(value - (right[i] ?? 0))), 0);
}

const NINE = { height: 9, width: 9 };

describe('pixels are those of Pillow', () => {
  it.each([
    ['nearest', 'nearestDown', 0],
    ['bilinear', 'bilinearDown', 1],
    ['bicubic', 'bicubicDown', 1],
    ['lanczos', 'lanczosDown', 1],
  ] as const)('where an image is reduced, %s', async (interpolation, sample, most) => {
    const { data } = await decode(png, { resize: 16, crop: NINE, ...NINE, interpolation });
    expect(difference(data, bytesOf(sample))).toBeLessThanOrEqual(most);
  });

  it.each([
    ['nearest', 'nearestUp'],
    ['bilinear', 'bilinearUp'],
    ['bicubic', 'bicubicUp'],
    ['lanczos', 'lanczosUp'],
  ] as const)('to the bit where it is enlarged, %s', async (interpolation, sample) => {
    const { data } = await decode(png, { resize: 70, crop: NINE, ...NINE, interpolation });
    expect(difference(data, bytesOf(sample))).toBe(0);
  });

  it('of a JPEG that is not resized', async () => {
    const { data } = await decode(bytesOf('jpeg'), { height: 16, width: 24 });
    expect(difference(data, bytesOf('jpegPixels'))).toBeLessThanOrEqual(1);
  });
});

describe('images of other kinds', () => {
  const firstPixels = async (...of: Parameters<typeof decode>): Promise<number[]> => {
    const { data, channels } = await decode(...of);
    return channels === 3 ? [...data.subarray(0, 6)] : [...data.subarray(0, 2)];
  };

  it.each([
    ['gray of 16 bits keeps the upper 8', 'gray16', [0, 0, 0, 4, 4, 4]],
    ['a palette is resolved', 'palette', [200, 100, 50, 10, 20, 30]],
    ['one bit is black or white', 'onebit', [255, 255, 255, 255, 255, 255]],
    ['of an animated PNG the still image is taken', 'apng', [255, 0, 0, 255, 0, 0]],
  ] as const)('%s', async (_, sample, expected) => {
    expect(await firstPixels(bytesOf(sample))).toEqual(expected);
  });

  it('CMYK becomes RGB by a general profile', async () => {
    const [red = 0, green = 0, blue = 0] = await firstPixels(bytesOf('cmyk'), {
      height: 16,
      width: 16,
    });
    expect(red).toBeGreaterThan(190);
    expect(Math.max(green, blue)).toBeLessThan(70);
  });

  it('a WebP without loss has the same pixels as a PNG', async () => {
    const webp = await sharp(png).webp({ lossless: true }).toBuffer();
    expect((await decode(webp, STRIPES)).data).toEqual((await decode(png, STRIPES)).data);
  });

  it('EXIF turns an image before it is resized, unless the job says otherwise', async () => {
    const turned = await stripesAs('png', 6);
    const { data } = await decode(turned, { height: 52, width: 40 });
    const lastRow = stripes().subarray(39 * 52 * 3);
    expect([...data.subarray(0, 3)]).toEqual([...lastRow.subarray(0, 3)]);
    const asStored = await decode(turned, { ...STRIPES, orientation: 'ignore' });
    expect(difference(asStored.data, stripes())).toBe(0);
    expect(await refusal(turned, STRIPES)).toBe(
      'is 52 x 40 (height x width), expected 40 x 52 (height x width)',
    );
  });

  it('what is transparent keeps its colour, or has that of the background', async () => {
    const rgba = Uint8Array.from({ length: 8 * 8 * 4 }, (_, i) => [200, 100, 50, 0][i % 4] ?? 0);
    const clear = await sharp(rgba, { raw: { width: 8, height: 8, channels: 4 } })
      .png()
      .toBuffer();
    expect(await firstPixels(clear)).toEqual([200, 100, 50, 200, 100, 50]);
    expect(await firstPixels(clear, { background: '#0a141e' })).toEqual([10, 20, 30, 10, 20, 30]);
    // Transparent pixels count when an image is reduced, too.
    const small = { resize: 4, crop: { height: 2, width: 2 }, height: 2, width: 2 };
    expect((await firstPixels(clear, small)).slice(0, 3)).toEqual([200, 100, 50]);
  });
});

describe('images that are refused', () => {
  it('a truncated one, whatever its format', async () => {
    const jpeg = bytesOf('jpeg');
    expect(await refusal(jpeg.subarray(0, -30), { height: 16, width: 24 })).toMatch(
      /^is a damaged JPEG: .*premature end/,
    );
    for (const format of ['png', 'webp'] as const) {
      const whole = await stripesAs(format);
      expect(await refusal(whole.subarray(0, whole.length >> 1), STRIPES)).toMatch(
        /^is a damaged (PNG|WebP): /,
      );
    }
  });

  it('one whose data is damaged', async () => {
    const damaged = Buffer.from(png).fill(7, 200, 260);
    expect(await refusal(damaged, STRIPES)).toMatch(/^is a damaged PNG: /);
  });

  it('an animation', async () => {
    expect(await refusal(bytesOf('animated'))).toBe('is an animation: WebP');
  });

  it('one of more pixels than allowed, before they are decoded', async () => {
    expect(await refusal(png, { ...STRIPES, maxPixels: 2079 })).toBe(
      'has more than 2,079 pixels (maxPixels)',
    );
    // 30,000 x 30,000 pixels by its header alone: nothing behind it is looked at.
    const bomb = Buffer.from(png);
    bomb.writeUInt32BE(30_000, 16);
    bomb.writeUInt32BE(30_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    expect(await refusal(bomb, { maxPixels: 268_402_689 })).toBe(
      'has more than 268,402,689 pixels (maxPixels)',
    );
  });

  it.each([
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'is no JPEG, PNG or WebP (it is SVG)'],
    ['<?xml version="1.0"?><svg/>', 'is no JPEG, PNG or WebP (it is SVG)'],
    ['<!DOCTYPE html><p>404', 'is no JPEG, PNG or WebP (it is HTML)'],
    ['GIF89a', 'is no JPEG, PNG or WebP (it is GIF)'],
    ['BM', 'is no JPEG, PNG or WebP (it is BMP)'],
    ['II*\0', 'is no JPEG, PNG or WebP (it is TIFF)'],
    ['\0\0\0 ftypavif', 'is no JPEG, PNG or WebP (it is AVIF)'],
    ['\0\0\0 ftypheic', 'is no JPEG, PNG or WebP (it is HEIF, or a film)'],
    ['%PDF-1.7', 'is no JPEG, PNG or WebP (it is PDF)'],
    ['hello', 'is no JPEG, PNG or WebP'],
    ['', 'is empty'],
  ])('what begins with %j', async (text, expected) => {
    expect(await refusal(Buffer.from(text, 'latin1'))).toBe(expected);
  });
});

it('the library opens no other format, whatever it is given', async () => {
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"/>');
  await expect(sharp(svg).metadata()).rejects.toThrow();
  await expect(sharp(png).metadata()).resolves.toMatchObject({ format: 'png' });
});
